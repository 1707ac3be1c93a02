import type { Matrix } from "../operator/operator.js";
import type { PlannedSpace } from "../plan/planned-spaces.js";
import type { Random } from "../random.js";
import { cyclicPick, selectUnits, units, type UnitPick, type Selection } from "./selection.js";

export interface FunctionPreservingOptions {
  /**
   * Standard deviation of normal noise on every entry of the new rows, relative to the row's own entry. Breaks the
   * symmetry between copies. Default 0.
   */
  readonly noise?: number;
  /** Units that new ones copy. Default {@link cyclicPick}: unit u copies old unit u mod oldUnits. */
  readonly pick?: UnitPick;
  /** Shares of the copies of a unit on the reading side. Default `even`; `uneven` draws the shares, which sum to 1. */
  readonly split?: "even" | "uneven";
}

/**
 * The writing map of a space that keeps the function: every new unit copies an old one, whole heads where the space has a
 * `unit`. Where the head size grows too, units within a head repeat the same way, and a space with `pairedWith` (the
 * query) is divided by the copies within a head and multiplied by sqrt(newUnit / oldUnit), so that the scaled scores stay
 * the same.
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
  const selection = selectUnits(space, options.pick ?? cyclicPick);
  return selectionMatrix(space, selection, pairedScale(space, selection), random, options);
}

/** The reading map: the writing map's selection, the copies of an old unit weighted so that their weights sum to 1. */
export function functionPreservingRead(
  space: PlannedSpace,
  random: Random,
  options: FunctionPreservingOptions = {},
): Matrix {
  const selection = selectUnits(space, options.pick ?? cyclicPick);
  const weights = options.split === "uneven" ? unevenShares(selection, random) : shares(selection);
  return selectionMatrix(space, selection, weights, random, options);
}

/** Per new unit 1 over the number of copies of its old unit. */
function shares({ old, copies }: Selection): readonly number[] {
  return old.map((unit) => 1 / (copies[unit ?? -1] ?? 1));
}

/** Shares between 0.5 and 1.5 over the number of copies, before they are made to sum to 1. */
function unevenShares({ old, copies }: Selection, random: Random): readonly number[] {
  const own = random.fork("shares");
  const drawn = old.map((unit) => ((copies[unit ?? -1] ?? 1) === 1 ? 1 : 0.5 + own.uniform()));
  const sums = copies.map(() => 0);
  for (const [row, unit] of old.entries()) {
    if (unit !== undefined) sums[unit] = (sums[unit] ?? 0) + (drawn[row] ?? 0);
  }
  return drawn.map((weight, row) => weight / (sums[old[row] ?? -1] ?? 1));
}

function selectionMatrix(
  { oldSize, newSize }: PlannedSpace,
  { old }: Selection,
  weights: readonly number[],
  random: Random,
  { noise = 0 }: FunctionPreservingOptions,
): Matrix {
  const data = new Float32Array(newSize * oldSize);
  for (const [row, column] of old.entries()) {
    if (column === undefined) continue;
    const weight = weights[row] ?? 1;
    const start = row * oldSize;
    if (noise !== 0 && row >= oldSize) {
      for (let c = 0; c < oldSize; c++) data[start + c] = noise * weight * random.normal();
    }
    (data[start + column] as number) += weight;
  }
  return { rows: newSize, columns: oldSize, data };
}

/** Per new unit the factor of a query's writing row; 1 everywhere for other spaces. */
function pairedScale(space: PlannedSpace, { copiesInHead }: Selection): readonly number[] {
  const { oldUnit, newUnit } = units(space);
  const scales = space.space.pairedWith !== undefined && oldUnit !== newUnit;
  return copiesInHead.map((copies) => (scales ? Math.sqrt(newUnit / oldUnit) / copies : 1));
}
