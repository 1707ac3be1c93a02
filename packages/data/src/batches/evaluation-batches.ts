import { createRandom } from "@ligo/core";
import { checkNotEmpty, judgedRows } from "../blocks/block-order.js";
import { createMasker, type MaskedBatch, type MaskingOptions } from "./masking.js";
import { gatherRows, type BlockSource } from "../blocks/blocks.js";

/** Options of {@link evaluationBatches}. */
export interface EvaluationOptions extends MaskingOptions {
  /** Use at most this many blocks, spread evenly over all. */
  readonly limitBlocks?: number;
}

/**
 * A fixed list of batches with fixed masks, so that losses of different models and times compare. Every block comes once,
 * in order, and its mask depends on the seed and its number alone, not on the size of batches. A last batch that is not full is
 * filled up by repeating blocks without labels, which do not count.
 *
 * @throws DataError as `maskedBatches` does.
 */
export function evaluationBatches(blocks: BlockSource, options: EvaluationOptions): MaskedBatch[] {
  checkNotEmpty(blocks);
  const masker = createMasker(blocks, options);
  const random = createRandom(options.seed);
  return judgedRows(blocks.count, options).map(({ chosen, counted }) =>
    masker.mask(
      gatherRows(blocks, chosen),
      (row) => random.fork(`evaluation/${chosen[row]}`),
      counted,
    ),
  );
}
