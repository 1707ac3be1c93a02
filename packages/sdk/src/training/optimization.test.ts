import { describe, expect, it } from "vitest";
import { scheduleOf, type OptimizationSettings } from "./optimization.js";

type ScheduleSettings = Parameters<typeof scheduleOf>[0];

const wsd = (changes: Partial<OptimizationSettings>): ScheduleSettings => ({
  schedule: "wsd",
  endLearningRate: 0,
  power: 1,
  decaySteps: undefined,
  decayShape: "linear",
  learningRate: 1,
  warmup: 0,
  steps: 20,
  ...changes,
});

describe("scheduleOf", () => {
  it.each([
    [0.25, 15],
    [5, 15],
    [1, 19],
    [undefined, 16],
  ])("takes a decay over %s, a share or a number of steps", async (decaySteps, begin) => {
    const rate = await scheduleOf(wsd({ decaySteps }));
    expect(rate(begin)).toBe(1);
    expect(rate(begin + 1)).toBeLessThan(1);
    expect(rate(20)).toBe(0);
  });
});
