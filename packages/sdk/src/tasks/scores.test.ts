import { describe, expect, it } from "vitest";
import recorded from "./__fixtures__/scores.json" with { type: "json" };
import { classScorer, numberScorer } from "./scorer.js";
import { f1Score, matthewsCorrelation, pearsonCorrelation, spearmanCorrelation } from "./scores.js";

describe("scores", () => {
  it.each(recorded.classes)("of $classes classes are those of numpy", (found) => {
    // sums of whole numbers: equal but for the last bits
    expect(matthewsCorrelation(found)).toBeCloseTo(found.matthews, 12);
    if (found.f1 !== undefined) expect(f1Score(found)).toBeCloseTo(found.f1, 12);
  });

  it("of numbers are those of pandas, equal values too", () => {
    const { pearson, spearman, x, y } = recorded.numbers;
    expect(new Set(x).size).toBeLessThan(x.length);
    expect(pearsonCorrelation(x, y)).toBeCloseTo(pearson, 12);
    expect(spearmanCorrelation(x, y)).toBeCloseTo(spearman, 12);
  });

  it("say nothing where nothing varies", () => {
    const same = { actual: [1, 1, 0], predicted: [0, 0, 0], classes: 2 };
    expect(matthewsCorrelation(same)).toBe(0);
    expect(f1Score(same)).toBe(0);
    expect(f1Score({ ...same, actual: [0, 0, 0] })).toBe(0);
    expect(pearsonCorrelation([1, 1], [1, 2])).toBeNaN();
  });
});

describe("scorers", () => {
  it("take the best class of every row that counts", () => {
    const scorer = classScorer(2);
    const logits = Float32Array.of(1, 2, 5, -5, 0, 3);
    scorer.see({ labels: Int32Array.of(1, 0, -100) }, { logits });
    scorer.see({ labels: Int32Array.of(1) }, { logits: Float32Array.of(4, 1) });
    // predicted 1, 0, 0 of 1, 0, 1
    expect(scorer.scores()).toEqual({ f1: 2 / 3, matthews_correlation: 0.5 });
    expect(Object.keys(classScorer(3).scores())).toEqual(["matthews_correlation"]);
  });

  it("leave out numbers that do not count", () => {
    const scorer = numberScorer();
    const batch = { labels: Float32Array.of(1, 2, 3, 0), label_mask: Int32Array.of(1, 1, 1, 0) };
    scorer.see(batch, { logits: Float32Array.of(1, 4, 9, 1e6) });
    expect(scorer.scores()["spearmanr"]).toBe(1);
    // of (1, 2, 3) and (1, 4, 9): 8 / sqrt(2 * 98 / 3)
    expect(scorer.scores()["pearson"]).toBeCloseTo(8 / Math.sqrt(196 / 3), 12);
  });
});
