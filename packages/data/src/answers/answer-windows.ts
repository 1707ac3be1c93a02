import { DataError } from "../errors/data-error.js";
import { addedTokens, type FramedRowOptions, type Framing } from "../tokenizer/framing.js";
import { checkInteger } from "../errors/check-integer.js";
import type { Question, Questions } from "./questions.js";

/** How questions and their contexts are cut. */
export interface WindowOptions extends Omit<FramedRowOptions, "pad"> {
  /** Tokens that two windows of a context have in common. Default: a third of the sequence. */
  readonly stride?: number | undefined;
}

/** A question with as much of its context as a sequence has room for. */
export interface AnswerWindow {
  /** Number of the question. */
  readonly question: number;
  /** Tokens of the question that are kept. */
  readonly kept: number;
  /** First token of the context. */
  readonly first: number;
  /** Tokens of the context. */
  readonly length: number;
  /** Place of the first of them in the sequence. */
  readonly place: number;
}

/** Places of an answer's first and last token in a sequence; both 0, the class token, where it is not there as a whole. */
export interface AnswerPlaces {
  readonly start: number;
  readonly end: number;
}

/**
 * The windows of all questions, in order. Contexts that do not fit are cut into windows that overlap, as transformers'
 * `return_overflowing_tokens` does. A question that would take more than half of the room is cut to that.
 *
 * @throws DataError `data/bad-option` for a sequence without room, `data/no-null-place` for a framing that has nothing in
 * front that stands for no answer
 */
export function answerWindows(
  questions: Questions,
  { framing, sequence, stride }: WindowOptions,
): readonly AnswerWindow[] {
  const [front] = framing.pair;
  if (front === undefined || !("id" in front)) {
    throw new DataError(
      "data/no-null-place",
      "The tokenizer puts no token in front of a pair of texts, so that nothing stands for a question without an answer.",
      { expected: "a class token such as [CLS] or <s>" },
    );
  }
  checkInteger("sequence", sequence, addedTokens(framing.pair) + 2);
  const overlap = checkInteger("stride", stride ?? Math.floor(sequence / 3), 0);
  const all = sequence - addedTokens(framing.pair);
  const found: AnswerWindow[] = [];
  for (let question = 0; question < questions.count; question++) {
    const { context, ids } = questions.at(question);
    const kept = Math.min(ids.length, Math.floor(all / 2));
    const room = all - kept;
    const step = room - Math.min(overlap, Math.floor(room / 2));
    const place = placeOfContext(framing, kept);
    let first = 0;
    for (;;) {
      const length = Math.min(room, context.ids.length - first);
      found.push({ question, kept, first, length, place });
      if (first + length >= context.ids.length) break;
      first += step;
    }
  }
  return found;
}

function placeOfContext({ pair }: Framing, kept: number): number {
  let place = 0;
  for (const part of pair) {
    if ("id" in part) place++;
    else if (part.text === 0) place += kept;
    else break;
  }
  return place;
}

/** Place of the first answer to a question in one of its windows, as transformers' own script finds it. */
export function answerPlaces(
  { answers, context }: Question,
  { first, length, place }: AnswerWindow,
): AnswerPlaces {
  const [answer] = answers;
  const nowhere = { start: 0, end: 0 };
  if (answer === undefined || length === 0) return nowhere;
  const [begin, finish] = [answer.start, answer.start + answer.text.length];
  const startOf = (token: number): number => context.starts[token] ?? 0;
  const endOf = (token: number): number => context.ends[token] ?? 0;
  const last = first + length - 1;
  if (startOf(first) > begin || endOf(last) < finish) return nowhere;
  let [start, end] = [first, last];
  while (start < last && startOf(start + 1) <= begin) start++;
  while (end > first && endOf(end - 1) >= finish) end--;
  return { start: place + start - first, end: place + end - first };
}
