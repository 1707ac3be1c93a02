import { createRandom } from "@ligo/core";
import { checkNotEmpty } from "./masked-batches.js";
import { createMasker, type MaskedBatch, type MaskingOptions } from "./masking.js";
import { checkInteger } from "./options.js";
import { gatherRows, type TokenBlocks } from "./token-blocks.js";

/** Options of {@link evaluationBatches}. */
export interface EvaluationOptions extends MaskingOptions {
  /** Use at most this many blocks, spread evenly over all. */
  readonly limitBlocks?: number;
}

/**
 * A fixed list of batches with fixed masks, so that losses of different models and times compare. Every block comes once,
 * in order. A last batch that is not full is filled up by repeating blocks without labels, which do not count.
 *
 * @throws DataError as `maskedBatches` does.
 */
export function evaluationBatches(blocks: TokenBlocks, options: EvaluationOptions): MaskedBatch[] {
  checkNotEmpty(blocks);
  const { batch, seed } = options;
  const masker = createMasker(blocks, options);
  const limit = checkInteger("limitBlocks", options.limitBlocks ?? blocks.count, 1);
  const used = Math.min(limit, blocks.count);
  const blockAt = (place: number): number => Math.floor(((place % used) * blocks.count) / used);
  return Array.from({ length: Math.ceil(used / batch) }, (_, index) => {
    const chosen = Array.from({ length: batch }, (_, row) => blockAt(index * batch + row));
    const counted = Math.min(batch, used - index * batch);
    const random = createRandom(seed).fork(`evaluation/${index}`);
    return masker.mask(gatherRows(blocks, chosen), random, counted);
  });
}
