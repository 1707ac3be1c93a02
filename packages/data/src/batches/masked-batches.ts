import { createRandom } from "@ligo/core";
import { blockOrder, checkNotEmpty, stepsPerEpoch } from "../blocks/block-order.js";
import { createMasker, type MaskedBatch, type MaskingOptions } from "./masking.js";
import { gatherRows, type BlockSource } from "../blocks/blocks.js";

/** Options of {@link maskedBatches}. */
export interface MaskedBatchesOptions extends MaskingOptions {
  /**
   * Weights of the sources of stored blocks: blocks are drawn from each in proportion, an epoch lasts until every block of
   * every source has been seen at least once. Default: all blocks alike.
   */
  readonly weights?: readonly number[];
}

/** An endless stream of batches, any of which can be had at once. */
export interface MaskedBatches {
  /** Steps until every block has been seen; ceil(blocks / batch) without weights. */
  readonly stepsPerEpoch: number;
  /** K of every batch. */
  readonly positionsPerBatch: number;
  /** Batch of `step` (0, 1, ...); depends on nothing but the seed and `step`. */
  at(step: number): MaskedBatch;
}

/**
 * Training batches. Each epoch shows every block once, in an order drawn for that epoch; epochs follow each other without
 * a gap, so a batch may hold the end of one and the start of the next. Masks are drawn anew for every block that is shown, by
 * its place in the stream: a batch is masked as its parts would be, taken one after the other.
 *
 * @throws DataError `data/too-small` if there is no block, and as `createMasker` does.
 */
export function maskedBatches(blocks: BlockSource, options: MaskedBatchesOptions): MaskedBatches {
  checkNotEmpty(blocks);
  const { batch, seed } = options;
  const masker = createMasker(blocks, options);
  const order = blockOrder(blocks, options);
  const random = createRandom(seed);
  return {
    stepsPerEpoch: stepsPerEpoch(blocks, options),
    positionsPerBatch: masker.positions,
    at: (step) =>
      masker.mask(gatherRows(blocks, order(step)), (row) =>
        random.fork(`mask/${step * batch + row}`),
      ),
  };
}
