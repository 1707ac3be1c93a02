import { PlanError } from "../errors/plan-error.js";
import type { Matrix } from "../operator.js";
import type { PlannedSpace } from "../planned-spaces.js";
import type { Random } from "../random.js";

export interface FunctionPreservingOptions {
  /**
   * Standard deviation of normal noise on every entry of the new rows, relative to the row's own entry. Breaks the
   * symmetry between copies. Default 0.
   */
  readonly noise?: number;
}

/** Which old unit every new unit copies. */
interface Selection {
  /** Old unit per new unit. */
  readonly old: readonly number[];
  /** New units per old unit. */
  readonly copies: readonly number[];
}

/**
 * The writing map of a space that keeps the function: new unit u copies old unit u mod oldUnits, whole heads where the
 * space has a `unit`. Where the head size grows too, units within a head repeat the same way, and a space with
 * `pairedWith` (the query) is divided by the copies within a head and multiplied by sqrt(newUnit / oldUnit), so that the
 * scaled scores stay the same.
 *
 * With layer norms the whole is exact where every old unit has the same number of copies (the statistics a norm takes
 * over repeated units are then the same); otherwise it is close.
 *
 * Throws `plan/heads-shrink` where the target has fewer or smaller heads.
 */
export function functionPreservingWidth(
  space: PlannedSpace,
  random: Random,
  options: FunctionPreservingOptions = {},
): Matrix {
  const { old } = selection(space);
  return selectionMatrix(space, old, pairedScale(space), random, options);
}

/** The reading map: the writing map's selection, each copy divided by the number of copies of its old unit. */
export function functionPreservingRead(
  space: PlannedSpace,
  random: Random,
  options: FunctionPreservingOptions = {},
): Matrix {
  const { old, copies } = selection(space);
  const weights = old.map((unit) => 1 / (copies[unit] ?? 1));
  return selectionMatrix(space, old, weights, random, options);
}

function selectionMatrix(
  { oldSize, newSize }: PlannedSpace,
  old: readonly number[],
  weights: readonly number[],
  random: Random,
  { noise = 0 }: FunctionPreservingOptions,
): Matrix {
  const data = new Float32Array(newSize * oldSize);
  for (const [row, column] of old.entries()) {
    const weight = weights[row] ?? 1;
    const start = row * oldSize;
    if (noise !== 0 && row >= oldSize) {
      for (let c = 0; c < oldSize; c++) data[start + c] = noise * weight * random.normal();
    }
    (data[start + column] as number) += weight;
  }
  return { rows: newSize, columns: oldSize, data };
}

function selection(space: PlannedSpace): Selection {
  const { oldUnit, newUnit } = units(space);
  const oldHeads = space.oldSize / oldUnit;
  const old = Array.from({ length: space.newSize }, (_, u) => {
    const [head, within] = [Math.floor(u / newUnit), u % newUnit];
    return (head % oldHeads) * oldUnit + (within % oldUnit);
  });
  const copies = Array.from({ length: space.oldSize }, () => 0);
  for (const unit of old) copies[unit] = (copies[unit] ?? 0) + 1;
  return { old, copies };
}

/** Per new unit the factor of a query's writing row; 1 everywhere for other spaces. */
function pairedScale(space: PlannedSpace): readonly number[] {
  const { oldUnit, newUnit } = units(space);
  return Array.from({ length: space.newSize }, (_, u) => {
    if (space.space.pairedWith === undefined || oldUnit === newUnit) return 1;
    const within = (u % newUnit) % oldUnit;
    const copies = Math.floor(newUnit / oldUnit) + (within < newUnit % oldUnit ? 1 : 0);
    return Math.sqrt(newUnit / oldUnit) / copies;
  });
}

/** Head sizes; a space without heads in source or target is one head in which units repeat. */
function units(space: PlannedSpace): { readonly oldUnit: number; readonly newUnit: number } {
  const { oldSize, newSize, oldUnit } = space;
  const newUnit = space.space.unit;
  if (oldUnit === undefined || newUnit === undefined) return { oldUnit: oldSize, newUnit: newSize };
  const [oldHeads, newHeads] = [oldSize / oldUnit, newSize / newUnit];
  if (newUnit < oldUnit || newHeads < oldHeads) {
    const [expected, actual] = [
      `at least ${oldHeads} heads of at least ${oldUnit}`,
      `${newHeads} heads of ${newUnit}`,
    ];
    throw new PlanError(
      "plan/heads-shrink",
      `The space "${space.name}" goes from ${oldHeads} heads of ${oldUnit} to ${actual}. Copying heads needs ${expected}; ` +
        "change num_attention_heads of the target, or use a width start that mixes heads.",
      { tensor: space.name, expected, actual },
    );
  }
  return { oldUnit, newUnit };
}
