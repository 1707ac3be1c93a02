import { describe, expect, it } from "vitest";
import { createForecast } from "./forecast.js";

describe("createForecast", () => {
  it("guesses parts that were not begun from those that were, by their costs", () => {
    const forecast = createForecast({ learn: { amount: 10 }, judge: { amount: 6, cost: 1 / 3 } });
    // 9 steps of 2 s, 6 batches of a third of that
    expect(forecast.done("learn", 2)).toBeCloseTo(9 * 2 + (6 * 2) / 3);
  });

  it("takes the time of a part as it is measured", () => {
    const forecast = createForecast({ learn: { amount: 10 }, judge: { amount: 6, cost: 1 / 3 } });
    forecast.done("learn", 2);
    expect(forecast.done("judge", 5)).toBeCloseTo(9 * 2 + 5 * 5);
  });

  it("follows a machine that becomes slower", () => {
    const forecast = createForecast({ train: { amount: 1000 } });
    for (let step = 0; step < 300; step++) forecast.done("train", 1);
    let left = 0;
    for (let step = 0; step < 300; step++) left = forecast.done("train", 3);
    // of the fast steps less than a hundredth counts
    expect(left / (400 * 3)).toBeGreaterThan(0.98);
    expect(left / (400 * 3)).toBeLessThan(1);
  });

  it("leaves out work that is skipped, and measures amounts of any size", () => {
    const forecast = createForecast({ train: { amount: 6e12 }, source: { amount: 4e12 } });
    forecast.skip("train", 2e12);
    expect(forecast.done("source", 10, 1e12)).toBeCloseTo(70);
    forecast.skip("source");
    expect(forecast.done("train", 10, 1e12)).toBeCloseTo(30);
    expect(forecast.done("train", 30, 9e12)).toBe(0);
  });
});
