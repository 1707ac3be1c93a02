import { join } from "node:path";
import { bert } from "@ligo/bert";
import { compareMethods, parseComparison } from "@ligo/compare";
import { grow, resume, train } from "@ligo/sdk";
import { temporaryFolder } from "@ligo/vitest/files";
import { TINY_TARGET, tinyModel } from "@ligo/vitest/tiny-model";
import { expect, it } from "vitest";
import { createComparisonReader } from "./read/comparison.js";
import { createRunReader } from "./read/run.js";

// What the readers expect is what the library writes.

const shared = {
  architectures: [bert],
  batch: 4,
  sequence: 12,
  cache: false,
  engine: "reference",
} as const;

it("of growing: what was known before learning, the operator so far, and the end", async () => {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const out = join(folder, "large");
  const stop = new AbortController();
  const run = grow(checkpoint, {
    ...shared,
    to: TINY_TARGET,
    method: "ligo",
    data: text,
    steps: 3,
    out,
    signal: stop.signal,
    onEvent(event) {
      if (event.type === "step" && event.step === 2) stop.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ code: "run/interrupted" });
  const reader = createRunReader(out);
  const stopped = await reader.read();
  const sizes = { source: { layers: 1, width: 16 }, target: { layers: 2, width: 24 } };
  expect(stopped).toMatchObject({ state: "stopped", method: "ligo", steps: 3, sizes });
  expect(stopped.operator?.depth).toMatchObject([{ stack: "bert.encoder.layer" }]);
  expect(stopped.operator?.width.map(({ space }) => space)).toContain("embed");
  await resume(out, { architectures: [bert] });
  const finished = await reader.read();
  expect(finished).toMatchObject({ state: "finished", sizes, losses: stopped.losses });
  expect(Object.keys(stopped.losses)).toEqual(["small", "start"]);
  expect(finished.losses.grown).toBeGreaterThan(0);
  expect(finished.metrics.steps.step).toEqual([1, 2, 3]);
});

it("of a training that is interrupted, with the checkpoint to go on from", async () => {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const out = join(folder, "trained");
  const stop = new AbortController();
  const run = train(checkpoint, {
    ...shared,
    data: text,
    steps: 50,
    evaluateEvery: 2,
    out,
    signal: stop.signal,
    onEvent(event) {
      if (event.type === "step" && event.step === 4) stop.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ code: "run/interrupted" });
  const view = await createRunReader(out).read();
  expect(view).toMatchObject({
    command: "train",
    state: "stopped",
    because: "It was interrupted.",
    steps: 50,
    sizes: { target: { layers: 1, width: 16 } },
    checkpoints: [{ step: 4 }],
  });
  expect(view.metrics.evaluations.map(({ step }) => step)).toEqual([0, 2]);
});

it("of a comparison: cells by their names where they stopped, and results at the end", async () => {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const out = join(folder, "compared");
  const stop = new AbortController();
  const options = {
    architectures: [bert],
    comparison: parseComparison({
      source: checkpoint,
      data: [text],
      to: JSON.parse(TINY_TARGET) as object,
      references: ["scratch"],
      methods: ["stack"],
      seeds: [0],
      engine: "reference",
      training: { steps: 4, batch: 4, sequence: 12, evaluateEvery: 2 },
    }),
    out,
  };
  const run = compareMethods({
    ...options,
    signal: stop.signal,
    onEvent(event) {
      if (event.type === "step" && event.phase === "train" && event.step === 3) stop.abort();
    },
  });
  await expect(run).rejects.toMatchObject({ code: "run/interrupted" });
  const reader = createComparisonReader(out);
  const stopped = await reader.read();
  expect(stopped).toMatchObject({
    state: "stopped",
    methods: ["scratch", "stack"],
    results: { sizes: { source: { layers: 1, width: 16 }, target: { layers: 2, width: 24 } } },
    open: [
      { name: "scratch", seed: 0, state: "stopped", doing: "training", step: 3, steps: 4 },
      { name: "stack", seed: 0, state: "waiting" },
    ],
  });
  expect(stopped.open[0]?.curve.map(({ step }) => step)).toEqual([0, 2]);
  await compareMethods({ ...options, resume: true });
  const finished = await reader.read();
  expect(finished).toMatchObject({ state: "finished", open: [] });
  expect(finished.results?.cells.map(({ name }) => name)).toEqual(["scratch", "stack"]);
});
