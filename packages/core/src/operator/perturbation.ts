import type { Expression } from "./expression.js";
import type { DrawnEntries } from "./operator.js";
import type { PlannedTensor } from "../plan/plan.js";
import { createRandom } from "../random.js";

/** Whether each index of an axis lies beyond the source's, segment by segment; `undefined` where the axis keeps its size. */
function newIndices({ terms }: Expression, axis: number): readonly boolean[] | undefined {
  return terms[0]?.axes[axis]?.flatMap(({ newSize, oldSize }) =>
    Array.from({ length: newSize }, (_, index) => index >= oldSize),
  );
}

/** Adds normal numbers to the entries of a grown tensor that new units hold. Writes into `data`, row-major. */
export function addPerturbation(
  data: Float32Array,
  { name, parameter }: Pick<PlannedTensor, "name" | "parameter">,
  expression: Expression,
  { seed, deviation }: DrawnEntries,
): void {
  if (parameter.initial !== "normal") return;
  const axes = expression.shape.map((_, axis) => newIndices(expression, axis));
  if (!axes.some((axis) => axis?.includes(true))) return;
  const random = createRandom(seed).fork(name);
  const add = (axis: number, start: number, count: number, isNew: boolean): void => {
    if (axis === axes.length) {
      if (isNew) data[start] = (data[start] as number) + deviation * random.normal();
      return;
    }
    const rows = expression.shape[axis] as number;
    const stride = count / rows;
    for (let row = 0; row < rows; row++)
      add(axis + 1, start + row * stride, stride, isNew || axes[axis]?.[row] === true);
  };
  add(0, 0, data.length, false);
}
