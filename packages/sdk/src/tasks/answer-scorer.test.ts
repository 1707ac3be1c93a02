import type { Question, Questions } from "@ligo/data";
import { describe, expect, it } from "vitest";
import recorded from "./__fixtures__/answer-scores.json" with { type: "json" };
import { answerScorer } from "./answer-scorer.js";
import { exactMatch, wordF1 } from "./answer-scores.js";

describe("scores of answers", () => {
  it.each(recorded)(
    "of $predicted for $gold are those of transformers",
    ({ exact, f1, gold, predicted }) => {
      expect(exactMatch(predicted, gold)).toBe(exact);
      // sums of whole numbers: equal but for the last bits
      expect(wordF1(predicted, gold)).toBeCloseTo(f1, 12);
    },
  );

  const context: Question["context"] = {
    text: "one two three four",
    ids: Int32Array.of(1, 2, 3, 4),
    starts: Int32Array.of(0, 4, 8, 14),
    ends: Int32Array.of(3, 7, 13, 18),
  };
  const asked = (answers: readonly string[]): Question => ({
    id: "a",
    ids: Int32Array.of(9),
    context,
    answers: answers.map((text) => ({ text, start: context.text.indexOf(text) })),
  });
  const set = (question: Question): Questions => ({
    count: 1,
    largest: 9,
    hasUnanswerable: question.answers.length === 0,
    at: () => question,
  });
  /** Two windows of [CLS] question [SEP] two tokens [SEP], of which the second has the other two tokens. */
  const windows = [0, 2].map((first) => ({ question: 0, kept: 1, first, length: 2, place: 3 }));
  const positions = {
    start_positions: Int32Array.of(0, 0, 6),
    end_positions: Int32Array.of(0, 0, 6),
  };
  const logits = (rows: readonly (readonly number[])[]): Float32Array =>
    Float32Array.from(rows.flat());
  const predictedBy = (
    mayBeUnanswerable: boolean,
    starts: readonly (readonly number[])[],
    ends: readonly (readonly number[])[],
  ): string | undefined => {
    const scorer = answerScorer(set(asked(["two"])), windows, { sequence: 6, mayBeUnanswerable });
    scorer.see(positions, { start_logits: logits(starts), end_logits: logits(ends) });
    return scorer.predictions?.()["a"];
  };
  const filled = [9, 9, 9, 9, 9, 9];

  it("takes the best pair of start and end among all windows, inside the context and in order", () => {
    // outside the context and in rows that do not count all is larger
    const starts = [[0, 9, 9, 1, 3, 9], [0, 9, 9, 2, 0, 9], filled];
    const ends = [[0, 9, 9, 3, 1, 9], [0, 9, 9, 1, 2.5, 9], filled];
    // window one: "two" 3 + 1, "one" 1 + 3, not "two ... one" 3 + 3; window two: "three four" 2 + 2.5
    expect(predictedBy(false, starts, ends)).toBe("three four");
    expect(predictedBy(true, starts, ends)).toBe("three four");
  });

  it("answers with nothing where the least sure window is surer of that", () => {
    const starts = [[5, 0, 0, 1, 3, 0], [3, 0, 0, 0, 0, 0], filled];
    const ends = [[5, 0, 0, 0, 1, 0], [2, 0, 0, 0, 0, 0], filled];
    expect(predictedBy(true, starts, ends)).toBe("");
    expect(predictedBy(false, starts, ends)).toBe("two");
  });

  it("are of the answer that is most alike", () => {
    const scorer = answerScorer(set(asked(["one two", "two"])), windows, {
      sequence: 6,
      mayBeUnanswerable: false,
    });
    const [low, high] = [
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 9, 0],
    ];
    scorer.see(positions, {
      start_logits: logits([high, low, filled]),
      end_logits: logits([high, low, filled]),
    });
    expect(scorer.scores()).toEqual({ exact_match: 1, f1: 1 });
  });
});
