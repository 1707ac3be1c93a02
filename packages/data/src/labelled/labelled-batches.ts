import { judgedRows, shuffledRows } from "../block-order.js";
import { addedTokens, frameInto, paddedRows, type FramedRows, type Framing } from "../framing.js";
import { checkInteger } from "../options.js";
import { checkLargest } from "../token-blocks.js";
import type { LabelledTexts } from "./labelled-texts.js";

/** A batch of labelled texts; B = batch, T = sequence. */
export interface LabelledBatch extends FramedRows {
  /** Class or number of every row [B]; those of rows that do not count are -100 (classes) or 0 (numbers). */
  readonly labels: Int32Array | Float32Array;
  /** 1 for rows that count [B], 0 for those that fill up the last batch of an evaluation. */
  readonly label_mask: Int32Array;
}

/** Options of batches of labelled texts. */
export interface LabelledBatchOptions {
  /** Texts of a batch. */
  readonly batch: number;
  /** Tokens of a text, special ones and padding included; longer texts are cut. */
  readonly sequence: number;
  readonly framing: Framing;
  /** Id of padding. */
  readonly pad: number;
  /** Whether labels are numbers, not classes. Default false. */
  readonly numbers?: boolean;
  /** Ids the model knows. */
  readonly vocabularySize: number;
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

/** Label of a row the loss of classes ignores. */
const IGNORED = -100;

/**
 * Training batches of labelled texts. Each epoch shows every example once, in an order drawn for that epoch; epochs follow
 * each other without a gap.
 *
 * @throws DataError `data/too-small` where there is no example or no room for tokens, `data/vocabulary-mismatch`,
 * `data/bad-option`
 */
export function labelledBatches(
  texts: LabelledTexts,
  options: LabelledBatchOptions & { readonly seed: number },
): LabelledBatches {
  check(texts, options);
  const { batch, seed } = options;
  const rowsAt = shuffledRows(texts.count, { batch, seed });
  return {
    stepsPerEpoch: Math.ceil(texts.count / batch),
    at: (step) => gather(texts, rowsAt(step), batch, options),
  };
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
  const rows = judgedRows(texts.count, { batch: options.batch, limitBlocks: options.limitTexts });
  return {
    count: rows.length,
    at(index) {
      const { chosen = [], counted = 0 } = rows[index] ?? {};
      return gather(texts, chosen, counted, options);
    },
  };
}

function gather(
  texts: LabelledTexts,
  chosen: readonly number[],
  counted: number,
  { framing, numbers = false, pad, sequence }: LabelledBatchOptions,
): LabelledBatch {
  const rows = paddedRows(chosen.length, sequence, pad);
  for (const [row, example] of chosen.entries()) {
    frameInto(rows, row, sequence, texts.tokens(example), framing);
  }
  const labels = chosen.map((example, row) =>
    row < counted ? texts.label(example) : numbers ? 0 : IGNORED,
  );
  return {
    ...rows,
    labels: numbers ? Float32Array.from(labels) : Int32Array.from(labels),
    label_mask: Int32Array.from(chosen, (_, row) => (row < counted ? 1 : 0)),
  };
}

function check(texts: LabelledTexts, options: LabelledBatchOptions): void {
  checkInteger("batch", options.batch, 1);
  const parts = texts.width === 2 ? options.framing.pair : options.framing.single;
  // every text of an example has room for a token
  checkInteger("sequence", options.sequence, addedTokens(parts) + texts.width);
  const { framing, pad, vocabularySize } = options;
  const added = [...framing.single, ...framing.pair].map((part) => ("id" in part ? part.id : -1));
  const largest = Math.max(texts.largest, pad, ...added);
  checkLargest(largest, checkInteger("vocabularySize", vocabularySize, 1));
}
