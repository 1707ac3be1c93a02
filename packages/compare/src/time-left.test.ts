import type { StepEvent } from "@ligo/sdk";
import { expect, it } from "vitest";
import type { CompareEvent } from "./events.js";
import { createComparisonClock, type RunCost } from "./time-left.js";

const SECOND = 1000;

/** A comparison of a source of 10 operations, and of two cells that learn by 4 and train by 20, in a world without waits. */
function comparison() {
  const cell = { learn: 4, train: 20 };
  let milliseconds = 0;
  const told: CompareEvent[] = [];
  const clock = createComparisonClock(
    { onEvent: (event) => void told.push(event) },
    new Map<string, RunCost>([
      ["source", { source: 10 }],
      ["first", cell],
      ["second", cell],
    ]),
    () => milliseconds,
  );
  const step = (phase: StepEvent["phase"], number: number, flops: number): number | undefined => {
    milliseconds += SECOND;
    clock.handles.onEvent?.({
      type: "step",
      phase,
      step: number,
      steps: 10,
      ...(phase === "evaluate" ? {} : { flops }),
      unit: "tokens",
      unitsPerSecond: 1,
      secondsLeft: 10 - number,
    });
    return (told.at(-1) as StepEvent).overallSecondsLeft;
  };
  return { clock, step, wait: (seconds: number) => void (milliseconds += seconds * SECOND) };
}

it("forecasts all runs from the first steps of the first", () => {
  const { clock, step } = comparison();
  clock.begin("source");
  // a second for 2 operations; 8 + 48 are left
  expect(step("train", 1, 2)).toBeCloseTo(28);
  expect(step("evaluate", 1, 0)).toBeCloseTo(28);
});

it("learns how long growing and training take, and forgets what need not be done", () => {
  const { clock, step } = comparison();
  clock.end("source");
  clock.begin("first");
  expect(step("learn", 1, 4)).toBeCloseTo((20 + 24) / 4);
  // 5 operations a second in training
  expect(step("train", 1, 5)).toBeCloseTo((15 + 20) / 5 + 1, 0);
  clock.end("first");
  clock.begin("second");
  expect(step("learn", 1, 4)).toBeCloseTo(20 / 5, 1);
  for (let number = 1; number < 4; number++) step("train", number, 5 * number);
  expect(step("train", 4, 20)).toBe(0);
});

it("does not take the steps that a run did before it was stopped for a fast machine", () => {
  const { clock, step } = comparison();
  clock.end("source");
  clock.end("second");
  clock.begin("first");
  step("learn", 1, 4);
  // of 10 steps of 2 the ninth: eight were done by another process
  expect(step("train", 9, 18)).toBeCloseTo(2 / 3, 0);
});
