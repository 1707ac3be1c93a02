import { plannedSegments, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import { keptUnits } from "../plan/select-units.js";
import { createRandom } from "../random.js";
import type { Expression } from "./expression.js";
import type { DrawnEntries } from "./operator.js";

/** A plan and its spaces. */
export interface PerturbedPlan {
  readonly plan: Pick<Plan, "source" | "target">;
  readonly spaces: ReadonlyMap<string, PlannedSpace>;
}

/** Whether each index of an axis is that of a new unit; `undefined` where the axis keeps its units. */
function newIndices(
  tensor: PlannedTensor,
  { terms }: Expression,
  axis: number,
  { plan, spaces }: PerturbedPlan,
): readonly boolean[] | undefined {
  const maps = terms[0]?.axes[axis];
  const segments = plannedSegments(plan, tensor, axis);
  return maps?.flatMap(({ map, newSize, oldSize }, index) => {
    // with `block` scope a space has several maps, and no heads
    const space =
      maps.length === segments.length ? spaces.get(segments[index]?.space ?? "") : undefined;
    if (map === undefined || space === undefined)
      return Array.from({ length: newSize }, (_, unit) => unit >= oldSize);
    return keptUnits(space).map((units) => units.length === 0);
  });
}

/** Adds normal numbers to the entries of a grown tensor that new units hold. Writes into `data`, row-major. */
export function addPerturbation(
  data: Float32Array,
  tensor: PlannedTensor,
  expression: Expression,
  { seed, deviation }: DrawnEntries,
  perturbed: PerturbedPlan,
): void {
  const { name, parameter } = tensor;
  if (parameter.initial !== "normal") return;
  const axes = expression.shape.map((_, axis) => newIndices(tensor, expression, axis, perturbed));
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
