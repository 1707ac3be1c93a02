import { depthMatrix, type DepthInitialName } from "./initials/depth.js";
import { noisyRow, normalised, oneHotRow } from "./initials/rows.js";
import { MethodError } from "../errors/method-error.js";
import type { Stack } from "../layout/layout.js";
import { writesResidual } from "../layout/residual.js";
import type { OperatorTensorInfo } from "../operator/operator-tensors.js";
import type { Matrix } from "../operator/operator.js";
import { firstPlaces, type LayerList } from "../plan/layer-list.js";
import { placedLayers } from "../plan/place-layers.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";

/**
 * A start of all depth matrices: one of the published code's, which treat every parameter alike, or
 * - `zero-block`: each source layer is followed by its copies (as in `interlace`), and what a copy would write to the
 *   residual stream is zero. Where norms stand before the sublayers (`pre`) an added layer is then an identity and the
 *   function is kept exactly; where they stand after the sums (`post`) an added layer normalises once more, and it is not.
 *   Layers of several kinds (local and global attention) take places of their own kind;
 * - `stack-top`: whole copies of the source on top of each other, and what is left over copies its uppermost layers
 *   (bert2BERT);
 * - `proportional`: target layer i copies source layer round(i L1 / L2) (Gopher);
 * - `kept`: the source's layers stay, and further ones are made of none.
 */
export type DepthStart = DepthInitialName | "zero-block" | "stack-top" | "proportional" | "kept";

/** The source layer that target layer `row` copies; `undefined` for none. */
type CopiedLayer = (row: number, rows: number, columns: number) => number | undefined;

const copiedLayers: Readonly<Record<"stack-top" | "proportional" | "kept", CopiedLayer>> = {
  "stack-top": (row, rows, columns) => {
    const whole = rows - (rows % columns);
    return row < whole ? row % columns : columns - (rows - row);
  },
  proportional: (row, rows, columns) => Math.min(columns - 1, Math.round((row * columns) / rows)),
  kept: (row, _rows, columns) => (row < columns ? row : undefined),
};

/** The start of one depth matrix [target layers, source layers]. */
export function depthStart(
  plan: Plan,
  start: DepthStart,
  { rows, columns, parameter: name }: OperatorTensorInfo,
  random: Random,
): Matrix {
  if (plan.layers !== undefined)
    return listedDepth(plan, plan.layers, start, { columns, name }, random);
  if (start === "zero-block") return zeroBlocks(plan, rows, columns, name);
  if (start === "stack-top" || start === "proportional" || start === "kept") {
    return copiedMatrix(rows, columns, copiedLayers[start]);
  }
  return depthMatrix(start, rows, columns, random);
}

/** The same of a coefficient outside stacks, which is 1. */
export function depthOrOne(
  plan: Plan,
  start: DepthStart,
  info: OperatorTensorInfo,
  random: Random,
): Matrix {
  if (info.stack !== undefined) return depthStart(plan, start, info, random);
  return { rows: 1, columns: 1, data: Float32Array.of(1) };
}

/**
 * The start that a list of layers gives: target layer i copies the layer that the list has there. Where added layers write nothing,
 * these are the second and further copies of a layer. Starts that mix layers at random have no place for a list.
 */
function listedDepth(
  plan: Plan,
  layers: LayerList,
  start: DepthStart,
  { columns, name }: { readonly columns: number; readonly name: string | undefined },
  random: Random,
): Matrix {
  if (start === "rand" || start === "rand_softmax") throw noList(start);
  const isNoisy = start === "stackbert_noisy" || start === "interlace_noisy";
  const places = firstPlaces(layers);
  const isWriter = start === "zero-block" && writes(plan, name);
  const data = new Float32Array(layers.length * columns);
  for (const [row, layer] of layers.entries()) {
    if (isWriter && places.get(layer) !== row) continue;
    const numbers = isNoisy
      ? normalised(noisyRow(columns, layer, random))
      : oneHotRow(columns, layer);
    data.set(numbers, row * columns);
  }
  return { rows: layers.length, columns, data };
}

function noList(start: DepthStart): MethodError {
  return new MethodError(
    "method/layers",
    `\`layers\` says which layer each layer copies, and \`initialDepth: "${start}"\` mixes layers at random. Leave one of them out.`,
    { expected: "a start that copies layers", actual: start },
  );
}

function writes({ target }: Plan, name: string | undefined): boolean {
  const parameter = target.parameters.find((candidate) => candidate.name === name);
  return parameter !== undefined && writesResidual(target, parameter);
}

/** The depth matrix [rows, columns] of layers that are copied as they are. */
export function copiedMatrix(rows: number, columns: number, copied: CopiedLayer): Matrix {
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    data.set(oneHotRow(columns, copied(row, rows, columns) ?? -1), row * columns);
  }
  return { rows, columns, data };
}

function zeroBlocks(plan: Plan, rows: number, columns: number, name: string | undefined): Matrix {
  const parameter = plan.target.parameters.find((candidate) => candidate.name === name);
  const { before, after } = stacksOf(plan, parameter?.stack, rows, columns);
  const places =
    placedLayers(before, after) ?? placedLayers({ ...before, kinds: [] }, { ...after, kinds: [] });
  const isWriter = writes(plan, name);
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const placed = places?.indexOf(row) ?? -1;
    if (placed < 0 && isWriter) continue;
    const layer = placed < 0 ? copiedBlock(row, places ?? [], { before, after }) : placed;
    data[row * columns + layer] = 1;
  }
  return { rows, columns, data };
}

interface Stacks {
  readonly before: Stack;
  readonly after: Stack;
}

/** The stack of a parameter in source and target; one of its own for a parameter outside stacks. */
function stacksOf(
  { source, target }: Plan,
  stack: string | undefined,
  rows: number,
  columns: number,
): Stacks {
  const one = { norm: "pre" as const };
  const { [stack ?? ""]: before = { ...one, layers: columns } } = source.stacks;
  const { [stack ?? ""]: after = { ...one, layers: rows } } = target.stacks;
  return { before, after };
}

/** The source layer that an inserted layer copies: the last one before it, of its kind if there is one. */
function copiedBlock(row: number, places: readonly number[], { before, after }: Stacks): number {
  const earlier = places.findLastIndex((place) => place < row);
  const kind = after.kinds?.[row];
  const alike = places.findLastIndex(
    (place, layer) => place < row && before.kinds?.[layer] === kind,
  );
  const any = before.kinds?.indexOf(kind ?? "") ?? -1;
  return [alike, any, earlier].find((layer) => layer >= 0) ?? 0;
}
