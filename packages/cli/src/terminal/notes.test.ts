import type { CompareEvent } from "@ligo/compare";
import { expect, it } from "vitest";
import { noteOf } from "./notes.js";
import { openTerminal } from "./terminal.js";
import { handlesOf } from "./watch.js";

it.each<[CompareEvent, string | undefined]>([
  [
    {
      type: "data",
      objective: "masked-lm",
      training: { count: 300, of: "blocks", sequence: 16 },
      heldOut: { count: 9, of: "blocks" },
    },
    "300 blocks of 16 tokens to train on by masked-lm, 9 blocks held out to judge by.",
  ],
  [
    { type: "engine", engine: "webgpu", reason: "NVIDIA H200 computes, through Vulkan." },
    "Engine webgpu. NVIDIA H200 computes, through Vulkan.",
  ],
  [
    { type: "engine", engine: "onnx", reason: "No Vulkan driver is installed." },
    "Engine onnx, on the processor. No Vulkan driver is installed.",
  ],
  [
    {
      type: "method",
      method: "stack",
      because: "after 6 steps of training ligo stands 0.15 above it",
      probe: {
        source: 5.8,
        judged: { count: 40, among: 198, of: "blocks" },
        starts: [{ method: "stack", loss: 5.9, trained: 5.7 }],
        steps: 6,
        unit: "tokens",
        cost: 9131,
        budget: 200_000,
        chosen: "stack",
        because: "",
      },
    },
    [
      "Probe of 1 starts, 6 steps of training each: source 5.8000; stack 5.9000, then 5.7000.",
      "Its losses are of 40 of 198 blocks.",
      "It cost 9,131 of 200,000 tokens.",
      "Method stack: after 6 steps of training ligo stands 0.15 above it.",
    ].join("\n"),
  ],
  [
    { type: "warning", code: "norm-epsilon-set", key: "epsilon", value: 0.0000064000000000000006 },
    "epsilon is set to 0.0000064, with which the wider norms keep the function.",
  ],
  [{ type: "compiled", seconds: 2 }, "Step compiled in 2.00 s."],
  [{ type: "source", seed: 3 }, "\nsource, seed 3"],
  [{ type: "source", seed: 3, waits: true }, "\nsource, seed 3: another part trains it; waiting"],
  [
    { type: "known", runs: 3, of: 4 },
    "3 of 4 runs in --known are this comparison's, and not run again.",
  ],
  [
    { type: "known", runs: 0, of: 4 },
    "0 of 4 runs in --known are this comparison's, and not run again. Runs are the same by data, settings, the source and the versions of LiGO and Node.js.",
  ],
  [{ type: "phase", phase: "read" }, undefined],
  [{ type: "checkpoint", step: 3, path: "run" }, undefined],
  [{ type: "evaluation", of: "grown", step: 0, loss: 2 }, undefined],
  [{ type: "evaluation", of: "source", step: 0, loss: 2 }, "source model: held-out loss 2.0000"],
  [
    { type: "evaluation", of: "start", step: 0, loss: 2 },
    "grown, before learning: held-out loss 2.0000",
  ],
  [
    { type: "evaluation", of: "trained", step: 0, loss: 2 },
    "before training: held-out loss 2.0000",
  ],
  [{ type: "evaluation", of: "trained", step: 5, loss: 2 }, "step 5: held-out loss 2.0000"],
  [
    {
      type: "evaluation",
      of: "trained",
      step: 5,
      loss: 2,
      judged: { count: 512, among: 1034, of: "blocks" },
    },
    "step 5: held-out loss 2.0000 of 512 of 1,034 blocks",
  ],
  [
    { type: "class", from: "A", to: "B", fresh: ["head"], unused: [] },
    "Trains B from a A.\nStarts at random, as the checkpoint lacks it: head.",
  ],
  [
    { type: "moments", entries: 0, of: 9, reason: "they are those of lamb" },
    "The optimiser's moments begin anew: they are those of lamb.",
  ],
  [
    { type: "moments", entries: 0, of: 9, optimizer: "adamw", step: 7 },
    "The optimiser's moments begin anew: every entry is mixed of several of the source, or new.",
  ],
  [
    { type: "moments", entries: 4, of: 9, optimizer: "adamw", step: 7 },
    "Moments of adamw after 7 updates are taken over: 4 of 9 entries.",
  ],
  [
    { type: "moments", entries: 9, of: 9, optimizer: "adamw", step: 7 },
    "Moments of adamw after 7 updates are taken over: all entries.",
  ],
  [{ type: "resumed", step: 3, finished: true }, "The run is finished already."],
  [{ type: "resumed", step: 3, finished: false }, "The run goes on from step 3."],
  [
    { type: "resumed", step: 0, finished: false },
    "The run starts at step 0: it was stopped before its first checkpoint.",
  ],
  [
    { type: "target", loss: 2, reached: false, step: 9 },
    "The target loss 2 was not reached after 9 steps.",
  ],
  [
    { type: "warning", code: "rows-left-out", count: 2, first: ["row 3"] },
    "Left out 2 rows that cannot be used:\n  row 3\n  ...",
  ],
  [
    {
      type: "warning",
      code: "files-left-out",
      count: 3,
      kinds: { ".bmp": 2, empty: 1 },
      first: ["a.bmp", "b.bmp"],
    },
    "Left out 3 files: 2 .bmp, 1 empty (a.bmp, b.bmp, ...).",
  ],
  [{ type: "warning", code: "hub", message: "slow" }, "slow"],
  [
    { type: "warning", code: "sequence-cut", asked: 1024, positions: 512 },
    "Sequences have 512 tokens in place of 1024: the model has no more positions.",
  ],
  [
    { type: "warning", code: "companions-left-out", names: ["README.md", "onnx/"] },
    "2 files of the source's folder are not carried over: README.md, onnx/",
  ],
  [
    {
      type: "warning",
      code: "tensors-left-out",
      className: "BertModel",
      names: Array.from({ length: 12 }, (_, at) => String(at)),
    },
    "12 stored tensors are not carried over, as BertModel has no place for them: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...",
  ],
  [
    { type: "warning", code: "target-changes", changes: ["a changes from 1 to 2", "b"] },
    "The target config changes more than sizes:\n  a changes from 1 to 2\n  b",
  ],
  [
    { type: "warning", code: "module-width", file: "2_Dense/config.json", reads: 16, given: 32 },
    "2_Dense/config.json reads 16 numbers of a text, the grown model gives 32: the module does not fit any more, and must be trained anew or taken out of modules.json.",
  ],
])("tells %j", (event, words) => {
  expect(noteOf(event, "train")).toBe(words);
});

it("is told on stderr, but the last evaluation, and nothing where it is quiet", () => {
  let said = "";
  const io = openTerminal({
    stdout: () => undefined,
    stderr: (text: string) => void (said += text),
    interactive: false,
  });
  const call = { command: "train", sources: [], settings: {}, face: {} };
  const { onEvent } = handlesOf(call, io);
  const step = {
    phase: "train",
    steps: 2,
    unit: "tokens",
    unitsPerSecond: 1,
    secondsLeft: 1,
  } as const;
  for (const at of [1, 2]) {
    onEvent?.({ type: "step", step: at, ...step });
    onEvent?.({ type: "evaluation", of: "trained", step: at, loss: at });
  }
  expect(said).toBe(
    "train 1/2, 1 tokens/s, 1.00 s left\nstep 1: held-out loss 1.0000\ntrain 2/2, 1 tokens/s\n",
  );
  expect(handlesOf({ ...call, face: { quiet: true } }, io)).not.toHaveProperty("onEvent");
});
