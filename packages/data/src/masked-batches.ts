import { createRandom } from "@ligo/core";
import { DataError } from "./data-error.js";
import { createMasker, type MaskedBatch, type MaskingOptions, permutation } from "./masking.js";
import { checkInteger } from "./options.js";
import { gatherRows, type TokenBlocks } from "./token-blocks.js";

/** An endless stream of batches, any of which can be had at once. */
export interface MaskedBatches {
  /** Steps until every block has been seen: ceil(blocks / batch). */
  readonly stepsPerEpoch: number;
  /** K of every batch. */
  readonly positionsPerBatch: number;
  /** Batch of `step` (0, 1, ...); depends on nothing but the seed and `step`. */
  at(step: number): MaskedBatch;
}

/** Orders kept; a batch seldom touches more than two epochs. */
const KEPT_ORDERS = 2;

/**
 * Training batches. Each epoch shows every block once, in an order drawn for that epoch; epochs follow each other without
 * a gap, so a batch may hold the end of one and the start of the next. Masks are drawn anew for every step.
 *
 * @throws DataError `data/too-small` if there is no block, and as `createMasker` does.
 */
export function maskedBatches(blocks: TokenBlocks, options: MaskingOptions): MaskedBatches {
  checkNotEmpty(blocks);
  const { batch, seed } = options;
  const masker = createMasker(blocks, options);
  const orders = new Map<number, Int32Array>();
  const orderOf = (epoch: number): Int32Array => {
    const known = orders.get(epoch);
    if (known !== undefined) return known;
    const order = permutation(blocks.count, createRandom(seed).fork(`order/${epoch}`));
    orders.set(epoch, order);
    for (const oldest of orders.keys()) {
      if (orders.size <= KEPT_ORDERS) break;
      orders.delete(oldest);
    }
    return order;
  };
  return {
    stepsPerEpoch: Math.ceil(blocks.count / batch),
    positionsPerBatch: masker.positions,
    at(step) {
      checkInteger("step", step, 0);
      const chosen = Array.from({ length: batch }, (_, row) => {
        const place = step * batch + row;
        return orderOf(Math.floor(place / blocks.count))[place % blocks.count] ?? 0;
      });
      return masker.mask(gatherRows(blocks, chosen), createRandom(seed).fork(`mask/${step}`));
    },
  };
}

/** Throws `data/too-small` for an empty corpus. */
export function checkNotEmpty(blocks: TokenBlocks): void {
  if (blocks.count > 0) return;
  throw new DataError("data/too-small", "There is no block to make batches of; give more text.", {
    expected: "at least 1 block",
    actual: "0 blocks",
  });
}
