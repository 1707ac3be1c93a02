import { describe, expect, it } from "vitest";
import type { StepEvent } from "@ligo/sdk";
import { createProgress } from "./progress.js";

function recorded(interactive: boolean) {
  let text = "";
  let milliseconds = 0;
  const io = {
    stdout: () => undefined,
    stderr: (words: string) => void (text += words),
    interactive,
    columns: () => 200,
  };
  const progress = createProgress(io, () => milliseconds);
  return {
    progress,
    wait: (time: number) => void (milliseconds += time),
    read: () => text.replaceAll("\r\u001B[K", "<"),
  };
}

const event = (step: number, more: Partial<StepEvent> = {}): StepEvent => ({
  type: "step",
  phase: "train",
  step,
  steps: 40,
  loss: 2.5,
  flops: 1.23e12 * step,
  unit: "tokens",
  unitsPerSecond: 4321.9,
  secondsLeft: 200 - 5 * step,
  ...more,
});

describe("createProgress", () => {
  it("prints a plain line every tenth of the way where stderr is no terminal", () => {
    const { progress, read } = recorded(false);
    for (let step = 1; step <= 40; step++) progress.step(event(step));
    const lines = read().trimEnd().split("\n");
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe("train 4/40, loss 2.5000, 4322 tokens/s, 4.92 TFLOPs, 3 min 00 s left");
    expect(lines[9]).toBe("train 40/40, loss 2.5000, 4322 tokens/s, 49.2 TFLOPs");
  });

  it("draws one line over itself on a terminal, and no more often than one can read", () => {
    const { progress, wait, read } = recorded(true);
    progress.step(event(10));
    progress.step(event(11));
    wait(100);
    progress.step(event(20));
    progress.step(event(40));
    const [before, ...drawn] = read().split("<");
    expect(before).toBe("");
    expect(drawn).toEqual([
      `${"█".repeat(6)}${"░".repeat(18)} train 10/40, loss 2.5000, 4322 tokens/s, 12.3 TFLOPs, 2 min 30 s left`,
      `${"█".repeat(12)}${"░".repeat(12)} train 20/40, loss 2.5000, 4322 tokens/s, 24.6 TFLOPs, 1 min 40 s left`,
      `${"█".repeat(24)} train 40/40, loss 2.5000, 4322 tokens/s, 49.2 TFLOPs\n`,
    ]);
  });

  it("keeps notes and other phases on lines of their own", () => {
    const { progress, read } = recorded(true);
    progress.step(event(1));
    progress.note("step 1: held-out loss 3.0000");
    progress.step(event(1, { phase: "evaluate", steps: 2 }));
    progress.step(event(2));
    const lines = read().split("\n");
    expect(lines.map((line) => /train|evaluate|held-out/.exec(line)?.[0])).toEqual([
      "train",
      "held-out",
      "evaluate",
      "train",
    ]);
  });
});
