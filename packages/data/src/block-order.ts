import { createRandom } from "@ligo/core";
import { DataError } from "./data-error.js";
import { checkInteger } from "./options.js";
import { permutation } from "./permutation.js";
import type { TokenBlocks } from "./token-blocks.js";

/** Orders kept; a batch seldom touches more than two epochs. */
const KEPT_ORDERS = 2;

/**
 * The blocks of the batch of a step. Each epoch shows every block once, in an order drawn for that epoch; epochs follow
 * each other without a gap.
 */
export function blockOrder(
  count: number,
  { batch, seed }: { readonly batch: number; readonly seed: number },
): (step: number) => readonly number[] {
  const orders = new Map<number, Int32Array>();
  const orderOf = (epoch: number): Int32Array => {
    const known = orders.get(epoch);
    if (known !== undefined) return known;
    const order = permutation(count, createRandom(seed).fork(`order/${epoch}`));
    orders.set(epoch, order);
    for (const oldest of orders.keys()) {
      if (orders.size <= KEPT_ORDERS) break;
      orders.delete(oldest);
    }
    return order;
  };
  return (step) => {
    checkInteger("step", step, 0);
    return Array.from({ length: batch }, (_, row) => {
      const place = step * batch + row;
      return orderOf(Math.floor(place / count))[place % count] ?? 0;
    });
  };
}

/** The blocks of a batch to judge by, and how many of them count: the last batch is filled up with others. */
export interface JudgedRows {
  readonly chosen: readonly number[];
  readonly counted: number;
}

/** Every block once, in order, or at most `limitBlocks` spread evenly over all. */
export function judgedRows(
  count: number,
  { batch, limitBlocks }: { readonly batch: number; readonly limitBlocks?: number | undefined },
): readonly JudgedRows[] {
  const used = Math.min(checkInteger("limitBlocks", limitBlocks ?? count, 1), count);
  const blockAt = (place: number): number => Math.floor(((place % used) * count) / used);
  return Array.from({ length: Math.ceil(used / batch) }, (_, index) => ({
    chosen: Array.from({ length: batch }, (_, row) => blockAt(index * batch + row)),
    counted: Math.min(batch, used - index * batch),
  }));
}

/** Throws `data/too-small` for an empty corpus. */
export function checkNotEmpty(blocks: TokenBlocks): void {
  if (blocks.count > 0) return;
  throw new DataError("data/too-small", "There is no block to make batches of; give more text.", {
    expected: "at least 1 block",
    actual: "0 blocks",
  });
}
