import { judgedRows, shuffledRows } from "../block-order.js";
import { frameInto, paddedRows, type FramedRows } from "../framing.js";
import { checkInteger } from "../options.js";
import { checkLargest } from "../token-blocks.js";
import {
  answerPlaces,
  answerWindows,
  type AnswerWindow,
  type WindowOptions,
} from "./answer-windows.js";
import type { Questions } from "./questions.js";

/** A batch of questions with their contexts; B = batch, T = sequence. */
export interface AnswerBatch extends FramedRows {
  /** Place of the answer's first token [B]; 0 where it is not there, T where the row does not count. */
  readonly start_positions: Int32Array;
  /** The same of its last token. */
  readonly end_positions: Int32Array;
}

/** Options of batches of questions. */
export interface AnswerBatchOptions extends WindowOptions {
  /** Windows of a batch. */
  readonly batch: number;
  /** Id of padding. */
  readonly pad: number;
  /** Ids the model knows. */
  readonly vocabularySize: number;
}

/** An endless stream of batches, any of which can be had at once. */
export interface AnswerBatches {
  /** Steps until every window has been seen. */
  readonly stepsPerEpoch: number;
  readonly windows: readonly AnswerWindow[];
  /** Batch of `step` (0, 1, ...); depends on nothing but the seed and `step`. */
  at(step: number): AnswerBatch;
}

/** A list of batches, made when they are asked for: row r of batch b is window b * batch + r. */
export interface AnswerEvaluationBatches {
  readonly count: number;
  readonly windows: readonly AnswerWindow[];
  at(index: number): AnswerBatch;
}

/**
 * Training batches of questions. Each epoch shows every window once, in an order drawn for that epoch; epochs follow each
 * other without a gap.
 *
 * @throws DataError `data/vocabulary-mismatch`, and what {@link answerWindows} throws
 */
export function answerBatches(
  questions: Questions,
  options: AnswerBatchOptions & { readonly seed: number },
): AnswerBatches {
  check(questions, options);
  const { batch, seed } = options;
  const windows = answerWindows(questions, options);
  const rowsAt = shuffledRows(windows.length, { batch, seed });
  return {
    stepsPerEpoch: Math.ceil(windows.length / batch),
    windows,
    at: (step) => gather(questions, windows, rowsAt(step), batch, options),
  };
}

/** Every window once, in order; the last batch is filled up with windows that do not count. Throws as {@link answerBatches}. */
export function answerEvaluationBatches(
  questions: Questions,
  options: AnswerBatchOptions,
): AnswerEvaluationBatches {
  check(questions, options);
  const windows = answerWindows(questions, options);
  const rows = judgedRows(windows.length, { batch: options.batch });
  return {
    count: rows.length,
    windows,
    at(index) {
      const { chosen = [], counted = 0 } = rows[index] ?? {};
      return gather(questions, windows, chosen, counted, options);
    },
  };
}

function gather(
  questions: Questions,
  windows: readonly AnswerWindow[],
  chosen: readonly number[],
  counted: number,
  { framing, pad, sequence }: AnswerBatchOptions,
): AnswerBatch {
  const rows = {
    ...paddedRows(chosen.length, sequence, pad),
    start_positions: new Int32Array(chosen.length).fill(sequence),
    end_positions: new Int32Array(chosen.length).fill(sequence),
  };
  for (const [row, number] of chosen.entries()) {
    const window = windows[number] as AnswerWindow;
    const question = questions.at(window.question);
    const { first, kept, length } = window;
    const texts = [
      question.ids.subarray(0, kept),
      question.context.ids.subarray(first, first + length),
    ];
    frameInto(rows, row, sequence, texts, framing);
    if (row >= counted) continue;
    const { start, end } = answerPlaces(question, window);
    rows.start_positions[row] = start;
    rows.end_positions[row] = end;
  }
  return rows;
}

function check(
  questions: Questions,
  { batch, framing, pad, vocabularySize }: AnswerBatchOptions,
): void {
  checkInteger("batch", batch, 1);
  const added = framing.pair.map((part) => ("id" in part ? part.id : -1));
  const largest = Math.max(questions.largest, pad, ...added);
  checkLargest(largest, checkInteger("vocabularySize", vocabularySize, 1));
}
