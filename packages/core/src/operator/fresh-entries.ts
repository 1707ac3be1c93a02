import { spreadMap } from "./carried-spread.js";
import type { Expression, ExpressionTerm } from "./expression.js";
import { initialTensor } from "../layout/initial-tensor.js";
import type { GivenNumbers } from "./given-numbers.js";
import type { DrawnEntries } from "./operator.js";
import type { PlannedTensor } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { elementCount } from "../shape.js";

/** The tensors of an operator. */
type MapNumbers = Pick<GivenNumbers, "map">;

/** The entries of a grown tensor that no term of its expression reaches: 0 where one does. Row-major. */
async function unreached(expression: Expression, numbers: MapNumbers): Promise<Uint8Array> {
  const free = new Uint8Array(elementCount(expression.shape)).fill(1);
  for (const term of expression.terms) {
    if (!(await hasWeight(term, numbers))) continue;
    const axes: (readonly boolean[])[] = [];
    for (const [axis, size] of expression.shape.entries())
      axes.push(await reachedRows(term, axis, size, numbers));
    clearReached(free, axes);
  }
  return free;
}

/** Whether a term has a part in a tensor at all. */
export async function hasWeight({ depth }: ExpressionTerm, numbers: MapNumbers): Promise<boolean> {
  if (depth === undefined) return true;
  const matrix = (await numbers.map(depth.tensor, "whole"))?.matrix;
  if (matrix === undefined) return false;
  const start = depth.row * matrix.columns;
  return matrix.data.subarray(start, start + matrix.columns).some((weight) => weight !== 0);
}

/** Whether the rows of an axis are made of anything, by any of the maps there is per source layer. */
export async function reachedRows(
  { axes }: ExpressionTerm,
  axis: number,
  size: number,
  numbers: MapNumbers,
): Promise<readonly boolean[]> {
  const segments = axes[axis];
  const reached: boolean[] = Array.from({ length: size }, () => segments === undefined);
  let start = 0;
  for (const { map, newSize, spread } of segments ?? []) {
    if (map === undefined) reached.fill(true, start, start + newSize);
    for (const name of map === undefined ? [] : [map].flat()) {
      const stored = await numbers.map(name, "axis");
      const rows = (stored && spread ? spreadMap(stored, spread) : stored)?.rows;
      for (const { row } of rows?.scaled ?? []) reached[start + row] = true;
      for (const { row, count } of [...(rows?.copied ?? []), ...(rows?.dense ?? [])])
        reached.fill(true, start + row, start + row + count);
    }
    start += newSize;
  }
  return reached;
}

/** Clears every entry whose index is reached on every axis. */
function clearReached(free: Uint8Array, axes: readonly (readonly boolean[])[]): void {
  const clear = (axis: number, start: number, size: number): void => {
    const rows = axes[axis];
    if (rows === undefined) {
      free[start] = 0;
      return;
    }
    const stride = size / rows.length;
    for (const [row, isReached] of rows.entries()) {
      if (isReached) clear(axis + 1, start + row * stride, stride);
    }
  };
  clear(0, 0, free.length);
}

/** Fills the entries of a grown tensor that no term reaches as they start from scratch. Writes into `data`. */
export async function fillFreshEntries(
  data: Float32Array,
  tensor: Pick<PlannedTensor, "name" | "parameter">,
  expression: Expression,
  numbers: MapNumbers,
  { seed, deviation }: DrawnEntries,
): Promise<void> {
  const free = await unreached(expression, numbers);
  if (!free.includes(1)) return;
  const random = createRandom(seed).fork(tensor.name);
  const start = initialTensor(tensor.parameter, data.length, deviation, random);
  for (let index = 0; index < data.length; index++) {
    if (free[index] === 1) data[index] = start[index] as number;
  }
}
