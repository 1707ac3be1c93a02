import { describe, expect, it } from "vitest";
import { reach, type CurvePoint } from "./arms.js";

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
