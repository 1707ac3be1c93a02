import { createRandom } from "@ligo/core";
import { blockOrder, checkNotEmpty } from "./block-order.js";
import { createMasker, type MaskedBatch, type MaskingOptions } from "./masking.js";
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
  const order = blockOrder(blocks.count, options);
  return {
    stepsPerEpoch: Math.ceil(blocks.count / batch),
    positionsPerBatch: masker.positions,
    at: (step) =>
      masker.mask(gatherRows(blocks, order(step)), createRandom(seed).fork(`mask/${step}`)),
  };
}
