import { describe, expect, it } from "vitest";
import { smoothed, thinned } from "./run-charts.js";

describe("thinned", () => {
  it("leaves few values as they are, and takes the means of neighbours of many", () => {
    expect(thinned([3, 1, 2], 5)).toEqual([3, 1, 2]);
    expect(thinned([1, 3, 5, 7], 2)).toEqual([2, 6]);
    expect(thinned([], 2)).toEqual([]);
  });

  it("passes over numbers that are none, and has none where there is no other", () => {
    expect(thinned([1, Number.NaN, Number.NaN, Number.NaN], 2)).toEqual([1, Number.NaN]);
  });
});

describe("smoothed", () => {
  it("is the value itself over a window of one, and of what does not change", () => {
    expect(smoothed([5, 1, 4], 1)).toEqual([5, 1, 4]);
    for (const value of smoothed([2, 2, 2, 2], 10)) expect(value).toBeCloseTo(2, 12);
  });

  it("weighs older values less, without the bias of its start", () => {
    // half of the weight goes to the newest of the values: (0.25 * 4 + 0.5 * 1) / 0.75
    expect(smoothed([4, 1], 2)).toEqual([4, 2]);
  });

  it("goes on over a number that is none", () => {
    expect(smoothed([4, Number.NaN, 4], 2)).toEqual([4, 4, 4]);
  });
});
