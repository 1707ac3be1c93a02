import type { Expression, ExpressionTerm } from "./expression.js";
import { initialTensor } from "./initial-tensor.js";
import type { FreshEntries, Operator } from "./operator.js";
import type { PlannedTensor } from "./plan.js";
import { createRandom } from "./random.js";
import { elementCount } from "./shape.js";

/** The entries of a grown tensor that no term of its expression reaches: 0 where one does. Row-major. */
function unreached(expression: Expression, operator: Pick<Operator, "tensors">): Uint8Array {
  const free = new Uint8Array(elementCount(expression.shape)).fill(1);
  for (const term of expression.terms) {
    if (!hasWeight(term, operator)) continue;
    const axes = expression.shape.map((size, axis) => reachedRows(term, axis, size, operator));
    clearReached(free, axes);
  }
  return free;
}

function hasWeight({ depth }: ExpressionTerm, operator: Pick<Operator, "tensors">): boolean {
  if (depth === undefined) return true;
  const matrix = operator.tensors.get(depth.tensor);
  if (matrix === undefined) return false;
  const start = depth.row * matrix.columns;
  return matrix.data.subarray(start, start + matrix.columns).some((weight) => weight !== 0);
}

/** Whether the rows of an axis are made of anything, by any of the maps there is per source layer. */
function reachedRows(
  { axes }: ExpressionTerm,
  axis: number,
  size: number,
  operator: Pick<Operator, "tensors">,
): readonly boolean[] {
  const segments = axes[axis];
  if (segments === undefined) return Array.from({ length: size }, () => true);
  return segments.flatMap(({ map, newSize }) => {
    const maps = map === undefined ? [] : [map].flat().map((name) => operator.tensors.get(name));
    return Array.from({ length: newSize }, (_, row) =>
      map === undefined
        ? true
        : maps.some((matrix) =>
            matrix?.data
              .subarray(row * matrix.columns, (row + 1) * matrix.columns)
              .some((value) => value !== 0),
          ),
    );
  });
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
export function fillFreshEntries(
  data: Float32Array,
  tensor: Pick<PlannedTensor, "name" | "parameter">,
  expression: Expression,
  operator: Pick<Operator, "tensors">,
  { seed, deviation }: FreshEntries,
): void {
  const free = unreached(expression, operator);
  if (!free.includes(1)) return;
  const random = createRandom(seed).fork(tensor.name);
  const start = initialTensor(tensor.parameter, data.length, deviation, random);
  for (let index = 0; index < data.length; index++) {
    if (free[index] === 1) data[index] = start[index] as number;
  }
}
