import { blockOrder, checkNotEmpty, judgedRows, stepsPerEpoch } from "../blocks/block-order.js";
import { IGNORED_LABEL } from "./ignored-label.js";
import { checkInteger } from "../errors/check-integer.js";
import { checkVocabulary, gatherRows, type BlockSource } from "../blocks/blocks.js";

/** One batch of causal language modelling; B = batch, T = sequence. */
export interface CausalBatch {
  /** Token ids [B * T]. */
  readonly input_ids: Int32Array;
  /**
   * Labels [B * T], the ids themselves, as Hugging Face has them: the model compares each position with the next label. -100 in rows that
   * do not count.
   */
  readonly labels: Int32Array;
}

/** Options common to training and evaluation batches. */
export interface CausalBatchOptions {
  /** Sequences of a batch. */
  readonly batch: number;
  readonly seed: number;
  /** Ids the model knows. */
  readonly vocabularySize: number;
  /**
   * Weights of the sources of stored blocks: blocks are drawn from each in proportion, an epoch lasts until every block of
   * every source has been seen at least once. Default: all blocks alike.
   */
  readonly weights?: readonly number[];
}

/** An endless stream of batches, any of which can be had at once. */
export interface CausalBatches {
  /** Steps until every block has been seen; ceil(blocks / batch) without weights. */
  readonly stepsPerEpoch: number;
  /** Batch of `step` (0, 1, ...); depends on nothing but the seed and `step`. */
  at(step: number): CausalBatch;
}

/**
 * Training batches for causal language models. Each epoch shows every block once, in an order drawn for that epoch; epochs
 * follow each other without a gap, so a batch may hold the end of one and the start of the next.
 *
 * @throws DataError `data/too-small` if there is no block, `data/vocabulary-mismatch`, `data/bad-option`.
 */
export function causalBatches(blocks: BlockSource, options: CausalBatchOptions): CausalBatches {
  check(blocks, options);
  const order = blockOrder(blocks, options);
  return {
    stepsPerEpoch: stepsPerEpoch(blocks, options),
    at(step) {
      const rows = gatherRows(blocks, order(step));
      return { input_ids: rows, labels: rows.slice() };
    },
  };
}

/** Options of {@link causalEvaluationBatches}. */
export interface CausalEvaluationOptions extends Omit<CausalBatchOptions, "seed" | "weights"> {
  /** Use at most this many blocks, spread evenly over all. */
  readonly limitBlocks?: number;
}

/**
 * A fixed list of batches, so that losses of different models and times compare. Every block comes once, in order. A last
 * batch that is not full is filled up by repeating blocks without labels, which do not count.
 *
 * @throws DataError as {@link causalBatches} does.
 */
export function causalEvaluationBatches(
  blocks: BlockSource,
  options: CausalEvaluationOptions,
): CausalBatch[] {
  check(blocks, options);
  return judgedRows(blocks.count, options).map(({ chosen, counted }) => {
    const rows = gatherRows(blocks, chosen);
    return { input_ids: rows, labels: rows.slice().fill(IGNORED_LABEL, counted * blocks.sequence) };
  });
}

function check(
  blocks: BlockSource,
  options: Pick<CausalBatchOptions, "batch" | "vocabularySize">,
): void {
  checkNotEmpty(blocks);
  checkInteger("batch", options.batch, 1);
  checkVocabulary(blocks, checkInteger("vocabularySize", options.vocabularySize, 1));
}
