import type { Matrix } from "../operator/operator.js";
import type { PlannedSpace } from "../plan/planned-spaces.js";
import { selectUnits, type Selection } from "../plan/select-units.js";
import { cyclicPick, type UnitPick } from "../plan/unit-picks.js";
import type { Random } from "../random.js";

export interface FunctionPreservingOptions {
  /**
   * Standard deviation of normal noise on every entry of the new rows, relative to the row's own entry. Breaks the
   * symmetry between copies. Default 0.
   */
  readonly noise?: number;
  /** Units that new ones copy. Default {@link cyclicPick}: unit u copies old unit u mod oldUnits. */
  readonly pick?: UnitPick;
  /**
   * Weights of the copies of a unit on the reading side. Default `even`: shares of 1; `uneven` draws the shares; `rms` weighs all
   * units alike, so that what is read keeps its root mean square ({@link rootMeanSquare}).
   */
  readonly split?: "even" | "uneven" | "rms";
}

/** Weight of old unit `unit` in new unit `row`. */
type Weight = (row: number, unit: number) => number;

/**
 * The writing map of a space that keeps the function: every new unit copies an old one, factor by factor, so that whole heads
 * are copied. A space with a `pairing` (the query) is multiplied by what scores are scaled by less in the target; where a head
 * holds copies of its channels it is divided by their number, or 0 where rotary embeddings turn them at other speeds.
 *
 * With norms the whole is exact where every old unit has the same number of copies (the statistics a norm takes
 * over repeated units are then the same); otherwise it is close.
 *
 * Throws `plan/heads-shrink` where heads have fewer channels in the target.
 */
export function functionPreservingWidth(
  space: PlannedSpace,
  random: Random,
  options: FunctionPreservingOptions = {},
): Matrix {
  const selection = selectUnits(space, options.pick ?? cyclicPick);
  const scale = scoreScale(space);
  const weight: Weight = (row) =>
    (scale === undefined ? 1 : scale * (selection.shareInHead[row] ?? 1)) /
    (selection.old[row]?.length ?? 1);
  return selectionMatrix(space, selection, weight, random, options);
}

/** The reading map: the writing map's selection, the copies of an old unit weighted so that their weights sum to 1, unless told. */
export function functionPreservingRead(
  space: PlannedSpace,
  random: Random,
  options: FunctionPreservingOptions = {},
): Matrix {
  const selection = selectUnits(space, options.pick ?? cyclicPick);
  return selectionMatrix(space, selection, readWeight(selection, random, options), random, options);
}

function readWeight(
  selection: Selection,
  random: Random,
  { split = "even" }: FunctionPreservingOptions,
): Weight {
  if (split === "uneven") return unevenShares(selection, random);
  return split === "even" ? shares(selection) : rootMeanSquare(selection);
}

/**
 * The root of d / (sum of squares of the numbers of copies of d old units), which keeps the root mean square of a sum over
 * independent units: sqrt(d / (3 d' - 2 d)) where d' - d of them are copied once, 1 / c where all have c copies.
 */
function rootMeanSquare({ copies }: Selection): Weight {
  const squares = copies.reduce((sum, count) => sum + count ** 2, 0);
  const weight = Math.sqrt(copies.length / squares);
  return () => weight;
}

/** 1 over the number of copies of the old unit. */
function shares({ copies }: Selection): Weight {
  return (_row, unit) => 1 / (copies[unit] ?? 1);
}

/** Shares between 0.5 and 1.5 over the number of copies, before they are made to sum to 1. */
function unevenShares({ old, copies }: Selection, random: Random): Weight {
  const own = random.fork("shares");
  const drawn = old.map(([unit]) => ((copies[unit ?? -1] ?? 1) === 1 ? 1 : 0.5 + own.uniform()));
  const sums = copies.map(() => 0);
  for (const [row, units] of old.entries()) {
    for (const unit of units) sums[unit] = (sums[unit] ?? 0) + (drawn[row] ?? 0);
  }
  return (row, unit) => (drawn[row] ?? 0) / (sums[unit] ?? 1);
}

function selectionMatrix(
  { oldSize, newSize }: PlannedSpace,
  { old }: Selection,
  weight: Weight,
  random: Random,
  { noise = 0 }: FunctionPreservingOptions,
): Matrix {
  const data = new Float32Array(newSize * oldSize);
  for (const [row, [first, ...others]] of old.entries()) {
    if (first === undefined) continue;
    const start = row * oldSize;
    if (noise !== 0 && row >= oldSize) {
      const relative = noise * weight(row, first);
      for (let c = 0; c < oldSize; c++) data[start + c] = relative * random.normal();
    }
    for (const unit of [first, ...others]) (data[start + unit] as number) += weight(row, unit);
  }
  return { rows: newSize, columns: oldSize, data };
}

/** The factor that a space's inner product is scaled by less in the target; `undefined` where it has none. */
function scoreScale({ oldPairing, space }: PlannedSpace): number | undefined {
  const { pairing } = space;
  return pairing === undefined || oldPairing === undefined
    ? undefined
    : oldPairing.scale / pairing.scale;
}
