import type { Factor, Layout, Stack } from "../layout/layout.js";
import { lostHeads } from "../plan/choose-heads.js";
import { turnsOtherwise } from "../plan/choose-rotary.js";
import { firstPlaces, type LayerList } from "../plan/layer-list.js";
import { placedLayers } from "../plan/place-layers.js";
import type { Plan } from "../plan/plan.js";

/** Heads and kinds of layers: what no choice of copies keeps, whatever the method. */
export function headChanges({ layers, source, target }: Plan): readonly string[] {
  return [
    ...factorChanges(source, target),
    ...layerScales(source, target),
    ...layerKinds(source, target, layers),
  ];
}

/** Layers that have no place of their own kind among those of the target. With a list of layers it gives the places. */
export function layerKinds(before: Layout, after: Layout, list?: LayerList): readonly string[] {
  return Object.entries(before.stacks).flatMap(([name, stack]) => {
    const now = after.stacks[name];
    if (now === undefined || now.layers < stack.layers) return [];
    const places = list === undefined ? placedLayers(stack, now) : listedPlaces(list, stack);
    if (places !== undefined) return lostParts(before, after, name, places);
    return [
      `${name}: its layers (${kindsText(stack)}) have no places of their kinds among ${kindsText(now)}`,
    ];
  });
}

/** The first place of each layer in a list, as far as all before it have one. */
function listedPlaces(list: LayerList, { layers }: Stack): readonly number[] {
  const places = firstPlaces(list);
  const found = Array.from({ length: layers }, (_, layer) => places.get(layer) ?? -1);
  const end = found.indexOf(-1);
  return end < 0 ? found : found.slice(0, end);
}

/** Parameters that layers have and their places lack, or the other way round. */
function lostParts(
  before: Layout,
  after: Layout,
  stack: string,
  places: readonly number[],
): readonly string[] {
  return before.parameters
    .filter((parameter) => parameter.stack === stack)
    .flatMap(({ absentIn: old = [], name }) => {
      const { absentIn: now = [] } = after.parameters.find((one) => one.name === name) ?? {};
      const moved = places.filter((place, layer) => old.includes(layer) !== now.includes(place));
      return moved.length === 0 ? [] : [`${name}: layers with it and without it change places`];
    });
}

/** `local, local, global, ...`. */
function kindsText({ kinds = [] }: Stack): string {
  const shown = kinds.slice(0, 8).join(", ");
  return kinds.length > 8 ? `${shown}, ...` : shown;
}

/** The factors of two layouts that change in ways that no choice of units makes up for, each named once. */
export function factorChanges(before: Layout, after: Layout): readonly string[] {
  const [old, now] = [factorsOf(before), factorsOf(after)];
  return [...now].flatMap(([name, factor]) => {
    const was = old.get(name);
    return was === undefined ? [] : factorChange(was, factor);
  });
}

function factorsOf({ spaces }: Layout): ReadonlyMap<string, Factor> {
  return new Map(
    Object.values(spaces).flatMap(({ factors = [] }) => factors.map((one) => [one.name, one])),
  );
}

function factorChange(old: Factor, now: Factor): readonly string[] {
  const text = `${now.name}: ${old.size} becomes ${now.size}`;
  if (now.owns !== undefined) {
    const lost = lostHeads(old, now);
    const groups = `${old.owns ?? 1} query heads shared one of ${old.size} heads of keys and values, and ${now.owns} share one of ${now.size}`;
    if (lost === "keys and values")
      return [`${text}, and heads of keys and values that become one are averaged`];
    return lost === undefined
      ? []
      : [`${now.name}: ${groups}: query heads without a place beside their keys are averaged`];
  }
  if (now.within !== undefined) return [];
  if (turnsOtherwise(old, now))
    return [
      `${text}, and rotary embeddings turn some of its pairs at other speeds, as none of the new speeds is theirs`,
    ];
  return now.size < old.size ? [`${text}, and units that become one are averaged`] : [];
}

/** Scores that are divided by the number of their layer change where layers are added before or between others. */
function layerScales(before: Layout, after: Layout): readonly string[] {
  const grows = Object.entries(before.stacks).some(
    ([name, { layers }]) => (after.stacks[name]?.layers ?? layers) > layers,
  );
  if (!grows) return [];
  return Object.entries(after.spaces).flatMap(([name, { pairing }]) =>
    pairing?.byLayer === true
      ? [`${name}: scores are divided by the number of their layer, and layers move`]
      : [],
  );
}
