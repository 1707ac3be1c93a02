import { PlanError } from "../errors/plan-error.js";
import type { Layout, Stack } from "../layout/layout.js";

/** The source layer of every target layer. */
export type LayerList = readonly number[];

/** Most layers that a list has; ranges are counted before they are written out. */
const MOST_LISTED = 2 ** 16;

const PART = /^(\d{1,6})(?:-(\d{1,6}))?$/u;

/**
 * Reads a list of layers: half-open ranges, as mergekit has them, and single layers, so that `0-4,2,3-6` is 0, 1, 2, 3, 2, 3, 4, 5.
 * `undefined` where the text is no such list, or lists more layers than any model has.
 */
export function parseLayers(text: string): LayerList | undefined {
  const layers: number[] = [];
  for (const part of text.split(",")) {
    const [, from, to] = PART.exec(part.trim()) ?? [];
    if (from === undefined) return undefined;
    const [first, end] = [Number(from), to === undefined ? Number(from) + 1 : Number(to)];
    if (end <= first || layers.length + end - first > MOST_LISTED) return undefined;
    for (let layer = first; layer < end; layer++) layers.push(layer);
  }
  return layers;
}

/** A list of layers as {@link parseLayers} reads it, in as few parts as there are. */
export function layersText(layers: LayerList): string {
  const parts: string[] = [];
  for (let at = 0; at < layers.length;) {
    const first = layers[at] ?? 0;
    let length = 1;
    while (layers[at + length] === first + length) length++;
    parts.push(length === 1 ? String(first) : `${first}-${first + length}`);
    at += length;
  }
  return parts.join(",");
}

/** The first target layer of every source layer that a list names. */
export function firstPlaces(layers: LayerList): ReadonlyMap<number, number> {
  return new Map(layers.map((layer, place): [number, number] => [layer, place]).toReversed());
}

/** Throws {@link PlanError} `plan/layers` and `plan/layer-kinds` where a list is not one of the layers of source and target. */
export function checkLayers(source: Layout, target: Layout, layers: LayerList): void {
  const before = listedStack(source, layers);
  const [after = before] = Object.values(target.stacks);
  if (layers.length !== after.layers) {
    throw new PlanError(
      "plan/layers",
      `\`layers\` lists ${layers.length} layers, and the target has ${after.layers}. Make them agree, or leave the target's number out.`,
      { expected: `${layers.length} layers`, actual: `${after.layers} layers` },
    );
  }
  checkKinds(layers, before, after);
}

/** The stack of a source that a list of layers is of. Throws {@link PlanError} `plan/layers`. */
export function listedStack(source: Layout, layers: LayerList): Stack {
  const stacks = Object.keys(source.stacks);
  const [stack] = Object.values(source.stacks);
  if (stacks.length !== 1 || stack === undefined) {
    throw new PlanError(
      "plan/layers",
      `\`layers\` lists the layers of one stack, and ${source.className} has ${stacks.join(" and ")}. ` +
        "Leave it out, and give the number of layers of each.",
      { expected: "a model of one stack", actual: stacks.join(", ") },
    );
  }
  const { layers: count } = stack;
  const outside = layers.find((layer) => layer >= count);
  if (outside === undefined) return stack;
  throw new PlanError(
    "plan/layers",
    `\`layers\` names layer ${outside}, and the source has layers 0 to ${count - 1}; ranges leave their last number out, ` +
      `so that 0-${count} is all of them.`,
    { expected: `0 to ${count - 1}`, actual: String(outside) },
  );
}

function checkKinds(layers: LayerList, before: Stack, after: Stack): void {
  const place = layers.findIndex((layer, to) => before.kinds?.[layer] !== after.kinds?.[to]);
  if (place < 0) return;
  const layer = layers[place] ?? 0;
  const [expected, actual] = [before.kinds?.[layer] ?? "none", after.kinds?.[place] ?? "none"];
  throw new PlanError(
    "plan/layer-kinds",
    `\`layers\` makes layer ${layer} of the source, ${expected}, layer ${place} of the target, which its config makes ${actual}.`,
    { expected: `layer ${place}: ${expected}`, actual },
  );
}
