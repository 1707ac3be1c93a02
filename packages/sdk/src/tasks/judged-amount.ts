import type { DataAmount, JudgedAmount } from "../data-amount.js";

/**
 * Blocks or images that a model is judged by while it is grown, trained or verified, at most: the same ones whatever the batch
 * is, so that losses of all commands compare.
 */
export const JUDGED_EXAMPLES = 512;

/** The part of held-out data that at most `limit` of them are. */
export function judgedAmount(
  { count, of }: Pick<DataAmount, "count" | "of">,
  limit: number = count,
): JudgedAmount {
  return { count: Math.min(limit, count), among: count, of };
}
