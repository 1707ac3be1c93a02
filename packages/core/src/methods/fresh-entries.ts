import type { DrawnEntries } from "../operator/operator.js";
import type { Random } from "../random.js";

/** Options of methods that start a part of the grown model from scratch. */
export interface FreshOptions {
  /** Standard deviation of new normal weights. Default: the target's `initializer_range`. */
  readonly deviation?: number | undefined;
}

/** Entries that start from scratch, drawn from a seed of their own. */
export function freshEntries(random: Random, deviation: number): DrawnEntries {
  return { seed: random.fork("fresh").integer(2 ** 32), deviation };
}
