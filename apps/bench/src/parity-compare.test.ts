import { describe, expect, it } from "vitest";
import { compareCurves, stepTimes } from "./parity-compare.js";

const curve = (losses: readonly number[], gradientNorms: readonly number[] = losses) => ({
  losses,
  gradientNorms,
});

describe("compareCurves", () => {
  it("finds where and how far two trainings are apart", () => {
    const ours = Array.from({ length: 60 }, (_, step) => 5 - step / 20);
    const theirs = ours.map((loss, step) =>
      step === 3 ? loss + 0.5 : step > 20 ? loss - 1 : loss,
    );
    const found = compareCurves(
      curve(ours, [2, ...ours.slice(1)]),
      curve(theirs, [1, ...ours.slice(1)]),
    );
    expect([found.first, found.firstTen, found.largest, found.norms]).toEqual([0, 0.5, 1, 1]);
    // 39 of the last 50 are one apart
    expect(found.end).toBeCloseTo(39 / 50, 12);
  });

  it("takes only curves of the same length", () => {
    expect(() => compareCurves(curve([1, 2]), curve([1]))).toThrow(RangeError);
  });
});

describe("stepTimes", () => {
  it("leaves out the first two steps of every block", () => {
    const blocks = [
      [9, 9, 3, 1],
      [0, 0, 2],
    ];
    expect(stepTimes(blocks)).toEqual({ best: 1, median: 2, steps: 3 });
    expect(stepTimes([[9, 9, 4, 1, 2, 3]])).toEqual({ best: 1, median: 2.5, steps: 4 });
  });
});
