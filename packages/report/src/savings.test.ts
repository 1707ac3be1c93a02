import { describe, expect, it } from "vitest";
import { bandOf, meanCurve, reach, reachForGood, spreadOf, type CurvePoint } from "./savings.js";

const point = (step: number, loss: number): CurvePoint => ({
  step,
  loss,
  flops: step * 10,
  seconds: step / 10,
});

describe("reach", () => {
  it("interpolates between evaluations", () => {
    const curve = [point(0, 8), point(100, 6), point(200, 4)];
    expect(reach(curve, 5)).toEqual({ step: 150, flops: 1500, seconds: 15 });
  });

  it("takes the first evaluation at or below the loss, even if the curve rises again", () => {
    const curve = [point(0, 8), point(100, 5), point(200, 7), point(300, 4)];
    expect(reach(curve, 5)?.step).toBe(100);
  });

  it("is the start where the curve begins below the loss, growth included", () => {
    const curve = [{ ...point(0, 4), flops: 77 }, point(100, 3)];
    expect(reach(curve, 5)?.flops).toBe(77);
  });

  it("is nothing where the loss is never reached", () => {
    expect(reach([point(0, 8), point(100, 6)], 5)).toBeUndefined();
  });
});

describe("reachForGood", () => {
  it("takes the last fall, interpolated", () => {
    const curve = [point(0, 8), point(100, 5), point(200, 7), point(300, 3), point(400, 3)];
    expect(reachForGood(curve, 5)).toEqual({ step: 250, flops: 2500, seconds: 25 });
  });

  it("is the first where the curve does not rise again, and the start where it begins below", () => {
    const curve = [point(0, 8), point(100, 6), point(200, 4)];
    expect(reachForGood(curve, 5)).toEqual(reach(curve, 5));
    expect(reachForGood(curve, 9)?.step).toBe(0);
  });

  it("is nothing where the curve ends above, or is no number at the end", () => {
    expect(reachForGood([point(0, 8), point(100, 4), point(200, 6)], 5)).toBeUndefined();
    expect(reachForGood([point(0, 4), point(100, Number.NaN)], 5)).toBeUndefined();
  });
});

describe("spreadOf", () => {
  it("is the mean, the sample deviation and the range", () => {
    const spread = spreadOf([1, 2, 6]);
    expect(spread).toMatchObject({ count: 3, mean: 3, lowest: 1, highest: 6 });
    // (4 + 1 + 9) / 2 under the root
    expect(spread?.deviation).toBeCloseTo(Math.sqrt(7), 12);
  });

  it("has no deviation for one number and is nothing for none", () => {
    expect(spreadOf([5])?.deviation).toBe(0);
    expect(spreadOf([])).toBeUndefined();
  });
});

describe("meanCurve", () => {
  it("averages point by point, as far as all curves go", () => {
    const curves = [
      [point(0, 8), point(100, 6), point(200, 4)],
      [point(0, 6), point(90, 5)],
    ];
    expect(meanCurve(curves)).toEqual([point(0, 7), point(95, 5.5)]);
  });
});

describe("bandOf", () => {
  it("is the range point by point, and nothing for one curve", () => {
    const curves = [
      [point(0, 8), point(100, 6), point(200, 4)],
      [point(0, 6), point(100, 7)],
    ];
    expect(bandOf(curves)).toEqual([
      { low: 6, high: 8 },
      { low: 6, high: 7 },
    ]);
    expect(bandOf(curves.slice(1))).toBeUndefined();
  });
});
