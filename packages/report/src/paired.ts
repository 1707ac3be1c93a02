import { spreadOf, type Spread } from "./savings.js";
import { studentT } from "./student-t.js";

/** Probability that intervals of differences are made for. */
export const CONFIDENCE = 0.95;

/** Differences of pairs: their spread, and where their mean lies. */
export interface PairedDifference extends Spread {
  /** 95 % confidence interval of the mean, by Student's t of the differences; `undefined` for a single pair. */
  readonly interval: readonly [low: number, high: number] | undefined;
}

/**
 * The mean of paired differences with its confidence interval, which takes them as independent and normal; `undefined` without
 * any.
 */
export function pairedDifference(differences: readonly number[]): PairedDifference | undefined {
  const spread = spreadOf(differences);
  if (spread === undefined) return undefined;
  const { count, deviation, mean } = spread;
  if (count === 1) return { ...spread, interval: undefined };
  const half = (studentT(count - 1, CONFIDENCE) * deviation) / Math.sqrt(count);
  return { ...spread, interval: [mean - half, mean + half] };
}

/** Whether a difference is not told from none: its interval holds zero. Unknown, and so false, without an interval. */
export const isTie = ({ interval }: Pick<PairedDifference, "interval">): boolean =>
  interval !== undefined && interval[0] <= 0 && interval[1] >= 0;
