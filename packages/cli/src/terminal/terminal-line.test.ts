import xterm from "@xterm/headless";
import type { LigoEvent, StepEvent } from "@ligo/sdk";
import { describe, expect, it } from "vitest";
import { createDownloadProgress } from "./download-progress.js";
import { createProgress } from "./progress.js";
import { openTerminal } from "./terminal.js";
import { firstThatFits } from "./terminal-line.js";
import { handlesOf } from "./watch.js";

/** A terminal of a size, and the io of a command that runs in it. */
function inTerminal(columns: number, rows: number = 24) {
  const terminal = new xterm.Terminal({ allowProposedApi: true, cols: columns, rows });
  const io = {
    stdout: () => undefined,
    // what the kernel makes of a line feed
    stderr: (text: string) => terminal.write(text.replaceAll("\n", "\r\n")),
    interactive: true,
    columns: () => terminal.cols,
  };
  const screen = async (): Promise<readonly string[]> => {
    await new Promise<void>((drawn) => terminal.write("", drawn));
    const { active } = terminal.buffer;
    const lines = Array.from({ length: active.length }, (_, row) =>
      (active.getLine(row)?.translateToString(true) ?? "").trimEnd(),
    );
    return lines.slice(0, 1 + lines.findLastIndex((line) => line !== ""));
  };
  return { io: openTerminal(io, {}), screen, terminal };
}

const STEPS = 15_000;
const event = (step: number, more: Partial<StepEvent> = {}): StepEvent => ({
  type: "step",
  phase: "train",
  step,
  steps: STEPS,
  loss: 12.5,
  flops: 1.23e12 * step,
  unit: "tokens",
  unitsPerSecond: 123_456,
  secondsLeft: (STEPS - step) / 20,
  ...more,
});

describe("the bar in a terminal", () => {
  it.each([20, 30, 40, 60, 80, 120, 200])("takes one row of %i columns", async (columns) => {
    const { io, screen } = inTerminal(columns);
    let now = 0;
    const progress = createProgress(io, { now: () => (now += 1000) });
    progress.phase("read");
    for (let step = 1; step < STEPS; step += 99) {
      progress.step(event(step));
      if (step === 100) io.note("a note");
      if (step % 10 === 0) progress.step(event(1, { phase: "evaluate", steps: 2 }));
    }
    progress.step(event(STEPS));
    progress.phase("write");
    io.note("the end");
    const lines = await screen();
    expect(lines).toHaveLength(4);
    expect([lines[0], lines[2], lines[3]]).toEqual(["a note", "the end", "writing ..."]);
    expect(lines[1]).toContain("train 15000/15000");
    io.stderr("");
    expect(await screen()).toEqual(lines.slice(0, 3));
  });

  it.each([
    [200, "train 9999/15000, loss 12.5000, 123456 tokens/s, 12.3 PFLOPs, 4 min 10 s left", 24],
    [100, "train 9999/15000, loss 12.5000, 123456 tokens/s, 4 min 10 s left", 24],
    [80, "train 9999/15000, loss 12.5000, 4 min 10 s left", 24],
    [60, "train 9999/15000, loss 12.5000, 4 min 10 s left", 0],
    [40, "train 9999/15000, 4 min 10 s left", 0],
    [20, "train 9999/15000", 0],
    [12, "train 9999…", 0],
  ])("of %i columns holds as much as fits", async (columns, words, bar) => {
    const { io, screen } = inTerminal(columns);
    createProgress(io).step(event(9999));
    const drawn = bar === 0 ? "" : `${"█".repeat(16)}${"░".repeat(8)} `;
    expect(await screen()).toEqual([`${drawn}${words}`]);
  });

  it("follows the terminal's size", async () => {
    const { io, screen, terminal } = inTerminal(200);
    let now = 0;
    const progress = createProgress(io, { now: () => (now += 1000) });
    io.note("a note");
    for (const columns of [40, 120, 35, 200, 60]) {
      progress.step(event(1));
      await screen();
      terminal.resize(columns, 24);
      for (let step = 2; step < 100; step++) progress.step(event(step));
      expect(await screen()).toEqual(["a note", expect.stringContaining("train 99/15000")]);
    }
    expect((await screen()).at(-1)).toBe("train 99/15000, loss 12.5000, 12 min 25 s left");
  });

  it("takes a terminal that does not tell its size for one of 80 columns", async () => {
    const { io, screen } = inTerminal(80);
    createProgress({ ...io, columns: () => 0 }).step(event(9999));
    expect(await screen()).toHaveLength(1);
  });
});

/** Everything that a short growth tells. */
const GROWTH: readonly LigoEvent[] = [
  { type: "phase", phase: "read" },
  { type: "phase", phase: "evaluate" },
  ...[1, 2].map((step) => event(step, { phase: "evaluate", steps: 2 })),
  { type: "evaluation", of: "source", step: 0, loss: 2 },
  { type: "phase", phase: "compile" },
  { type: "compiled", seconds: 2 },
  { type: "phase", phase: "learn" },
  ...[1, 2, 3].flatMap((step): LigoEvent[] => [
    event(step, { phase: "learn", steps: 3 }),
    { type: "phase", phase: "read" },
  ]),
  { type: "phase", phase: "apply" },
  { type: "phase", phase: "evaluate" },
  ...[1, 2].map((step) => event(step, { phase: "evaluate", steps: 2 })),
  { type: "warning", code: "learning-ended-above", start: 2, learned: 3 },
  { type: "phase", phase: "write" },
];

describe("a growth in a terminal", () => {
  it.each([
    [40, "learn 3/3, loss 12.5000"],
    [80, `${"█".repeat(24)} learn 3/3, loss 12.5000, 123456 tokens/s, 3.69 TFLOPs`],
  ])("of %i columns leaves its notes, its bar and its result", async (columns, bar) => {
    const { io, screen, terminal } = inTerminal(columns);
    const call = { command: "grow", sources: [], settings: {}, face: {} };
    const { onEvent } = handlesOf(call, io);
    for (const one of GROWTH) onEvent?.(one);
    expect((await screen()).at(-1)).toBe("writing ...");
    // results go to another stream of the same terminal
    io.stdout("grown\n");
    terminal.write("grown");
    const lines = await screen();
    expect(lines.slice(0, 3)).toEqual([
      "source model: held-out loss 2.0000",
      "Step compiled in 2.00 s.",
      bar,
    ]);
    expect(lines[3]).toMatch(/^Learning ended at a held-out loss/);
    expect(lines.at(-1)).toBe("grown");
    expect(lines.join("")).not.toMatch(/evaluate|\.\.\./);
  });
});

describe("the line of a download", () => {
  it.each([30, 40, 80, 200])("takes one row of %i columns, whatever the names", async (columns) => {
    for (const file of ["model.safetensors", `${"a".repeat(90)}.safetensors`, "模型".repeat(30)]) {
      const { io, screen } = inTerminal(columns);
      const download = createDownloadProgress(io);
      for (const received of [0, 5e8, 1e9]) {
        download({ type: "download", repository: "some/model", file, received, size: 1e9 });
      }
      expect(await screen()).toHaveLength(1);
    }
  });
});

describe("firstThatFits", () => {
  it.each([
    [["abcdef", "abc"], 7, "abcdef"],
    [["abcdef", "abc"], 6, "abc"],
    [["abcdef", "abcd"], 4, "ab…"],
    [["abcdef", "数数数"], 6, "数数…"],
    [["abc"], 1, ""],
  ])("of %j in %i columns is %j", (lines, columns, expected) => {
    expect(firstThatFits(lines, columns)).toBe(expected);
  });
});
