import { describe, expect, it } from "vitest";
import type { StepEvent } from "@ligo/sdk";
import { createProgress } from "./progress.js";
import { openTerminal } from "./terminal.js";

function recorded(interactive: boolean) {
  let text = "";
  let milliseconds = 0;
  const io = {
    stdout: () => undefined,
    stderr: (words: string) => void (text += words),
    interactive,
    columns: () => 200,
  };
  const terminal = openTerminal(io, {});
  const progress = createProgress(terminal, { now: () => milliseconds });
  return {
    progress,
    terminal,
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
  it("prints plain lines where stderr is no terminal: the first step, the last, and one in ten seconds", () => {
    const { progress, read, wait } = recorded(false);
    progress.phase("read");
    progress.phase("compile");
    progress.phase("train");
    for (let step = 1; step <= 40; step++) {
      wait(600);
      progress.step(event(step));
      // held-out data are judged every tenth step
      if (step % 10 === 0) progress.step(event(1, { phase: "evaluate", steps: 1, secondsLeft: 0 }));
    }
    const lines = read().trimEnd().split("\n");
    expect(lines).toEqual([
      "train 1/40, loss 2.5000, 4322 tokens/s, 1.23 TFLOPs, 3 min 15 s left",
      "train 18/40, loss 2.5000, 4322 tokens/s, 22.1 TFLOPs, 1 min 50 s left",
      "train 35/40, loss 2.5000, 4322 tokens/s, 43.0 TFLOPs, 25 s left",
      "train 40/40, loss 2.5000, 4322 tokens/s, 49.2 TFLOPs",
    ]);
  });

  it("prints no plain line of a probe or of judging before ten seconds are over", () => {
    const { progress, read, wait } = recorded(false);
    const judged = (step: number): void =>
      progress.step(event(step, { type: "progress", phase: "evaluate" }));
    judged(1);
    wait(9_999);
    judged(2);
    expect(read()).toBe("");
    wait(1);
    judged(3);
    judged(40);
    expect(read()).toMatch(/^evaluate 3\/40, .*\n$/);
  });

  it("tells the time left of all of the work, where it is known", () => {
    const { progress, read } = recorded(false);
    progress.step(event(20, { overallSecondsLeft: 130 }));
    expect(read()).toContain("24.6 TFLOPs, 2 min 10 s left\n");
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

  it("writes notes above the bar, and results in its place", () => {
    const { progress, read, terminal } = recorded(true);
    progress.step(event(1));
    progress.phase("read");
    terminal.note("step 1: held-out loss 3.0000");
    progress.phase("write");
    terminal.stdout("");
    const [, train, note, writing, end] = read().split("<");
    expect(train).toContain("train 1/40");
    expect(note).toBe(`step 1: held-out loss 3.0000\n${train}`);
    expect([writing, end]).toEqual(["writing ...", ""]);
  });
});
