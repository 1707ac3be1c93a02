import type { StepEvent } from "@ligo/sdk";
import { expect, it } from "vitest";
import { quickstartProgress } from "./quickstart-progress.js";

const event = (step: number): StepEvent => ({
  type: "step",
  phase: "train",
  step,
  steps: 400,
  loss: 5,
  unit: "tokens",
  unitsPerSecond: 2000,
  secondsLeft: 10,
  overallSecondsLeft: 4000 - 10 * step,
});

it.each([
  ["a terminal", { isTTY: true, columns: 40 }, "\r\u001B[K"],
  ["a file", {}, ""],
])("is shown on %s with the time left of all", (_where, stream, wipe) => {
  let text = "";
  let milliseconds = 0;
  const write = (part: string): void => void (text += part);
  const { note, onEvent } = quickstartProgress({ ...stream, write }, () => milliseconds);
  for (const step of [1, 2, 100]) {
    onEvent(event(step));
    milliseconds += step === 2 ? 10_000 : 50;
  }
  note("done");
  const end = wipe === "" ? "\n" : "";
  // the second step comes too soon after the first
  expect(text).toBe(
    `${wipe}  train 1/400, 1 h 06 min left${end}${wipe}  train 100/400, 50 min 00 s left${end}${wipe}done\n`,
  );
});
