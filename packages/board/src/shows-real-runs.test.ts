import { join } from "node:path";
import { bert } from "@ligo/bert";
import { grow, train } from "@ligo/sdk";
import { temporaryFolder } from "@ligo/vitest/files";
import { TINY_TARGET, tinyModel } from "@ligo/vitest/tiny-model";
import { expect, it } from "vitest";
import { createRunReader } from "./read/run.js";

// What the readers expect is what the library writes.

const shared = {
  architectures: [bert],
  batch: 4,
  sequence: 12,
  cache: false,
  engine: "reference",
} as const;

it("of growing: under way with the losses before learning, and at its end", async () => {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const out = join(folder, "large");
  const reader = createRunReader(out);
  const seen: Promise<unknown>[] = [];
  const { losses } = await grow(checkpoint, {
    ...shared,
    to: TINY_TARGET,
    method: "ligo",
    data: text,
    steps: 3,
    saveEvery: 2,
    out,
    onEvent(event) {
      if (event.type === "checkpoint" && event.step === 2) seen.push(reader.read());
    },
  });
  expect(await seen[0]).toMatchObject({
    state: "running",
    method: "ligo",
    steps: 3,
    losses: { small: losses.small, start: losses.start },
    sizes: { source: { layers: 1, width: 16 }, target: { layers: 2, width: 24 } },
  });
  const finished = await reader.read();
  expect(finished).toMatchObject({
    state: "finished",
    losses: { small: losses.small, start: losses.start, grown: losses.grown },
    sizes: { source: { layers: 1, width: 16 }, target: { layers: 2, width: 24 } },
  });
  expect(finished.metrics.steps.step).toEqual([1, 2, 3]);
  expect(finished.operator?.depth).toMatchObject([{ stack: "bert.encoder.layer" }]);
  expect(finished.operator?.width.map(({ space }) => space)).toContain("embed");
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
