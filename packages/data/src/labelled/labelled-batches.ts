import { judgedBatches, shuffledBatches, type GatherRows } from "../blocks/block-order.js";
import { checkFramedBatches, type FramedBatchOptions } from "../batches/framed-batches.js";
import { addedTokens, framedRows, type FramedRows } from "../tokenizer/framing.js";
import { IGNORED_LABEL } from "../batches/ignored-label.js";
import { checkInteger } from "../errors/check-integer.js";
import type { LabelledTexts } from "./labelled-texts.js";

/** A batch of labelled texts; B = batch, T = sequence. */
export interface LabelledBatch extends FramedRows {
  /** Class or number of every row [B]; those of rows that do not count are -100 (classes) or 0 (numbers). */
  readonly labels: Int32Array | Float32Array;
  /** 1 for rows that count [B], 0 for those that fill up the last batch of an evaluation. */
  readonly label_mask: Int32Array;
}

/** Options of batches of labelled texts, whose rows are examples. */
export interface LabelledBatchOptions extends FramedBatchOptions {
  /** Whether labels are numbers, not classes. Default false. */
  readonly numbers?: boolean;
}

/** An endless stream of batches, any of which can be had at once. */
export interface LabelledBatches {
  /** Steps until every example has been seen. */
  readonly stepsPerEpoch: number;
  /** Batch of `step` (0, 1, ...); depends on nothing but the seed and `step`. */
  at(step: number): LabelledBatch;
}

/** A list of batches that are made when they are asked for. */
export interface LabelledEvaluationBatches {
  readonly count: number;
  at(index: number): LabelledBatch;
}

/**
 * Training batches of labelled texts. Each epoch shows every example once, in an order drawn for that epoch; epochs follow
 * each other without a gap.
 *
 * @throws DataError `data/bad-option`, among others for a sequence without room for a token of each text;
 * `data/vocabulary-mismatch`
 */
export function labelledBatches(
  texts: LabelledTexts,
  options: LabelledBatchOptions & { readonly seed: number },
): LabelledBatches {
  check(texts, options);
  return shuffledBatches(texts.count, options, gatherTexts(texts, options));
}

/**
 * A fixed list of batches: every example once, in order, or at most `limitTexts` spread evenly over all. A last batch that
 * is not full is filled up with examples that do not count. Throws as {@link labelledBatches}.
 */
export function labelledEvaluationBatches(
  texts: LabelledTexts,
  options: LabelledBatchOptions & { readonly limitTexts?: number },
): LabelledEvaluationBatches {
  check(texts, options);
  const { batch, limitTexts: limitBlocks } = options;
  return judgedBatches(texts.count, { batch, limitBlocks }, gatherTexts(texts, options));
}

function gatherTexts(
  texts: LabelledTexts,
  options: LabelledBatchOptions,
): GatherRows<LabelledBatch> {
  const { numbers = false } = options;
  return (chosen, counted) => {
    const labels = chosen.map((example, row) =>
      row < counted ? texts.label(example) : numbers ? 0 : IGNORED_LABEL,
    );
    return {
      ...framedRows(
        chosen.map((example) => texts.tokens(example)),
        options,
      ),
      labels: numbers ? Float32Array.from(labels) : Int32Array.from(labels),
      label_mask: Int32Array.from(chosen, (_, row) => (row < counted ? 1 : 0)),
    };
  };
}

function check(texts: LabelledTexts, options: LabelledBatchOptions): void {
  const { framing, sequence } = options;
  const parts = texts.width === 2 ? framing.pair : framing.single;
  // every text of an example has room for a token
  checkInteger("sequence", sequence, addedTokens(parts) + texts.width);
  checkFramedBatches(texts, options);
}
