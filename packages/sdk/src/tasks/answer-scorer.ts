import type { AnswerWindow, Questions } from "@ligo/data";
import type { Numbers } from "@ligo/engine";
import { exactMatch, wordF1 } from "./answer-scores.js";
import type { Scorer } from "./scorer.js";

/** Longest answer, in tokens, and how many starts and ends are looked at: those of Hugging Face's `run_qa.py`. */
const LONGEST_ANSWER = 30;
const LOOKED_AT = 20;

/** The best answer to a question so far, and what is said for there being none. */
interface Found {
  score: number;
  text: string;
  nullScore: number;
}

/**
 * Finds answers by `start_logits` and `end_logits` [batch, sequence] of the windows of a question, and scores them as SQuAD
 * does: by the given answer that they are most like. Where questions may be unanswerable, none is the answer if the class
 * token's logits are larger than those of the best answer, by the window that is least sure of it.
 *
 * @param windows in the order in which their rows are seen; rows without places in the sequence do not count
 */
export function answerScorer(
  questions: Questions,
  windows: readonly AnswerWindow[],
  {
    mayBeUnanswerable,
    sequence,
  }: { readonly mayBeUnanswerable: boolean; readonly sequence: number },
): Scorer {
  const best = Array.from({ length: questions.count }, (): Found => ({
    score: Number.NEGATIVE_INFINITY,
    text: "",
    nullScore: Number.POSITIVE_INFINITY,
  }));
  let seen = 0;
  const answerOf = ({ nullScore, score, text }: Found): string =>
    mayBeUnanswerable && nullScore > score ? "" : text;
  return {
    see({ start_positions: positions }, { start_logits: starts, end_logits: ends }) {
      for (const [row, position] of (positions ?? new Int32Array(0)).entries()) {
        if (position >= sequence || starts === undefined || ends === undefined) continue;
        const window = windows[seen++];
        const found = window && best[window.question];
        if (window === undefined || found === undefined) continue;
        const of = (logits: Numbers): Numbers =>
          logits.subarray(row * sequence, (row + 1) * sequence);
        see(questions, window, of(starts), of(ends), found);
      }
    },
    scores() {
      const scored = best.map((found, index) => {
        const answers = questions.at(index).answers.map(({ text }) => text);
        const given = answers.length === 0 ? [""] : answers;
        const most = (score: (predicted: string, expected: string) => number): number =>
          Math.max(...given.map((answer) => score(answerOf(found), answer)));
        return { exact: most(exactMatch), f1: most(wordF1), hasAnswer: answers.length > 0 };
      });
      const mean = (of: readonly number[]): number =>
        of.reduce((sum, one) => sum + one, 0) / of.length;
      const f1Of = (hasAnswer: boolean): readonly number[] =>
        scored.filter((one) => one.hasAnswer === hasAnswer).map(({ f1 }) => f1);
      return {
        exact_match: mean(scored.map(({ exact }) => exact)),
        f1: mean(scored.map(({ f1 }) => f1)),
        ...(questions.hasUnanswerable && f1Of(true).length > 0
          ? { HasAns_f1: mean(f1Of(true)), NoAns_f1: mean(f1Of(false)) }
          : {}),
      };
    },
    predictions: () =>
      Object.fromEntries(best.map((found, index) => [questions.at(index).id, answerOf(found)])),
  };
}

/** Keeps the best answer of one more window of a question. */
function see(
  questions: Questions,
  { first, length, place, question }: AnswerWindow,
  starts: Numbers,
  ends: Numbers,
  found: Found,
): void {
  found.nullScore = Math.min(found.nullScore, (starts[0] ?? 0) + (ends[0] ?? 0));
  const { context } = questions.at(question);
  const isInside = (token: number): boolean => token >= place && token < place + length;
  const candidates = largest(ends).filter(isInside);
  for (const start of largest(starts).filter(isInside)) {
    for (const end of candidates) {
      if (end < start || end - start >= LONGEST_ANSWER) continue;
      const score = (starts[start] ?? 0) + (ends[end] ?? 0);
      if (score <= found.score) continue;
      found.score = score;
      const [from, to] = [start - place + first, end - place + first];
      found.text = context.text.slice(context.starts[from], context.ends[to]);
    }
  }
}

/** Where the largest of some logits are. */
function largest(logits: Numbers): readonly number[] {
  const places = [...logits.keys()];
  return places.sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0)).slice(0, LOOKED_AT);
}
