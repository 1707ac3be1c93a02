import { describe, expect, it } from "vitest";
import type { LigoEvent } from "./events.js";
import { watchSteps } from "./watch-steps.js";

describe("watchSteps", () => {
  it("reports the pace of the last twenty steps, what stands between them left out", () => {
    const events: LigoEvent[] = [];
    let milliseconds = 0;
    const watch = watchSteps({
      phase: "train",
      steps: 100,
      unit: "tokens",
      amount: 64,
      emit: (event) => events.push(event),
      now: () => milliseconds,
    });
    const step = (number: number, seconds: number): object => {
      milliseconds += 5000; // an evaluation
      watch.begin();
      milliseconds += 1000 * seconds;
      return watch.done(number, { loss: 1 / number, flops: 10 * number });
    };
    expect(step(1, 4)).toEqual({ tokens_per_second: 16, seconds_left: 4 * 99 });
    expect(step(2, 2)).toEqual({ tokens_per_second: 64 / 3, seconds_left: 3 * 98 });
    for (let number = 3; number < 22; number++) step(number, 2);
    expect(step(22, 2)).toEqual({ tokens_per_second: 32, seconds_left: 2 * 78 });
    expect(events.at(-1)).toEqual({
      type: "step",
      phase: "train",
      step: 22,
      steps: 100,
      loss: 1 / 22,
      flops: 220,
      unit: "tokens",
      unitsPerSecond: 32,
      secondsLeft: 156,
    });
  });

  it("stays finite where the clock stands still", () => {
    const emit = (): void => undefined;
    const now = (): number => 0;
    const watch = watchSteps({
      phase: "train",
      steps: 2,
      unit: "images",
      amount: 1,
      emit,
      now,
    });
    watch.begin();
    expect(Number.isFinite(watch.done(1).images_per_second)).toBe(true);
  });
});
