import { judgedBatches, shuffledBatches, type GatherRows } from "../blocks/block-order.js";
import { checkFramedBatches, type FramedBatchOptions } from "../batches/framed-batches.js";
import { framedRows, type FramedRows } from "../tokenizer/framing.js";
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
  /** Place of its last token; likewise. */
  readonly end_positions: Int32Array;
}

/** Options of batches of questions, whose rows are windows. */
export interface AnswerBatchOptions extends FramedBatchOptions, WindowOptions {}

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
  checkFramedBatches(questions, options);
  const windows = answerWindows(questions, options);
  const gather = gatherWindows(questions, windows, options);
  return { windows, ...shuffledBatches(windows.length, options, gather) };
}

/** Every window once, in order; the last batch is filled up with windows that do not count. Throws as {@link answerBatches}. */
export function answerEvaluationBatches(
  questions: Questions,
  options: AnswerBatchOptions,
): AnswerEvaluationBatches {
  checkFramedBatches(questions, options);
  const windows = answerWindows(questions, options);
  const gather = gatherWindows(questions, windows, options);
  return { windows, ...judgedBatches(windows.length, { batch: options.batch }, gather) };
}

function gatherWindows(
  questions: Questions,
  windows: readonly AnswerWindow[],
  options: AnswerBatchOptions,
): GatherRows<AnswerBatch> {
  const nowhere = { start: options.sequence, end: options.sequence };
  return (chosen, counted) => {
    const shown = chosen.map((number) => windows[number] as AnswerWindow);
    const texts = shown.map(({ question, first, kept, length }) => {
      const { context, ids } = questions.at(question);
      return [ids.subarray(0, kept), context.ids.subarray(first, first + length)];
    });
    const places = shown.map((window, row) =>
      row < counted ? answerPlaces(questions.at(window.question), window) : nowhere,
    );
    return {
      ...framedRows(texts, options),
      start_positions: Int32Array.from(places, ({ start }) => start),
      end_positions: Int32Array.from(places, ({ end }) => end),
    };
  };
}
