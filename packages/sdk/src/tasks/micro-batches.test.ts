import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { createPlan, memorySource, createRandom } from "@ligo/core";
import { createOnnxEngine } from "@ligo/engine";
import { initialWeights } from "@ligo/train";
import { TINY_CONFIG, TINY_TARGET } from "@ligo/vitest/tiny-model";
import { afterEach, describe, expect, it } from "vitest";
import type { EventListener } from "../events.js";
import { startOperator } from "../growth/grow-method.js";
import { learnOperator } from "../growth/learn-operator.js";
import { describeModel } from "../models/model-spec.js";
import { inRun } from "../runs/run-folder.js";
import { check } from "../settings/check.js";
import { growSettings } from "../settings/grow.js";
import { trainSettings } from "../settings/train.js";
import { createForecast } from "../forecast.js";
import { createTimings } from "../timings.js";
import type { StepMetrics } from "../training/metrics-file.js";
import { trainOnTask } from "../training/train-on-task.js";
import { trainingSteps } from "../training/training-steps.js";
import { microBatches, microBatchSize } from "./micro-batches.js";
import type { Feeds, Task } from "./task.js";

const SEQUENCE = 8;
const LABELS = 2;

/** Random sequences, each with its own two labels, so that a batch is the same in parts. */
function fixedTask(batch: number): Task {
  const row = (index: number): { ids: number[]; positions: number[]; labels: number[] } => {
    const random = createRandom(index);
    const draw = (count: number, below: number): number[] =>
      Array.from({ length: count }, () => random.integer(below));
    return {
      ids: draw(SEQUENCE, 100),
      positions: draw(LABELS, SEQUENCE),
      labels: draw(LABELS, 100),
    };
  };
  const at = async (step: number): Promise<Feeds> => {
    const rows = Array.from({ length: batch }, (_, index) => row(step * batch + index));
    return {
      input_ids: Int32Array.from(rows.flatMap(({ ids }) => ids)),
      label_positions: Int32Array.from(
        rows.flatMap(({ positions }, index) => positions.map((one) => index * SEQUENCE + one)),
      ),
      label_ids: Int32Array.from(rows.flatMap(({ labels }) => labels)),
    };
  };
  const specs = {
    input_ids: { shape: [batch, SEQUENCE], dtype: "int32" },
    label_positions: { shape: [LABELS * batch], dtype: "int32" },
    label_ids: { shape: [LABELS * batch], dtype: "int32" },
  } as const;
  const tokens = batch * SEQUENCE;
  return {
    objective: "masked-lm",
    judgedBy: "masked-lm",
    specs,
    judgedSpecs: specs,
    unit: "tokens",
    unitsPerBatch: tokens,
    batchesPerEpoch: 1,
    cost: { tokens, sequence: SEQUENCE, labelledFraction: LABELS / SEQUENCE },
    training: { count: 100, of: "blocks", sequence: SEQUENCE },
    heldOut: { count: 100, of: "blocks" },
    judgedSize: {},
    settings: {},
    fingerprint: async () => "fixed",
    batch: at,
    judgedBatches: () => ({ count: 1, judged: { count: batch, among: 100, of: "blocks" }, at }),
    files: [],
  };
}

const small = describeModel(bert, TINY_CONFIG, "config.json");
const smallWeights = () => initialWeights(small.layout, { seed: 3, deviation: 0.3 });

// masks of dropout differ from part to part, so that an update in parts would not be the same
const ALIKE = {
  dropout: 0,
  learningRate: 1e-2,
  warmup: 1,
  steps: 5,
  checkpointActivations: false,
} as const;
const recipe = { settings: {}, inputs: {} };
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function runFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ligo-parts-"));
  folders.push(folder);
  return join(folder, "run");
}

/** A run's surroundings, which tell every event. */
const surroundings = (emit: EventListener) => ({
  timings: createTimings(emit),
  context: { emit, signal: new AbortController().signal },
});

/** Loss, gradient norm, learning rate, tokens of every step. */
async function trained(accumulate: number): Promise<StepMetrics[]> {
  const out = runFolder();
  const around = surroundings(() => undefined);
  const { settings } = check(trainSettings, { ...ALIKE, data: ["text"], batch: 4, accumulate });
  const task = fixedTask(4 / accumulate);
  await inRun({ ...settings, ...around, out, command: "train", resume: undefined }, (run) =>
    trainOnTask({
      ...around,
      settings: trainingSteps(settings, task),
      engine: createOnnxEngine(),
      spec: small,
      weights: smallWeights(),
      task,
      run,
      recipe: { ...recipe, command: "train" },
      start: undefined,
      save: async () => undefined,
    }),
  );
  const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as StepMetrics).filter((line) => "loss" in line);
}

async function learned(accumulate: number): Promise<number[]> {
  const raw = { ...TINY_CONFIG, ...(JSON.parse(TINY_TARGET) as object) };
  const target = describeModel(bert, raw, "config.json");
  const plan = createPlan(small.layout, target.layout);
  const losses: number[] = [];
  const around = surroundings((event) => {
    if (event.type === "step") losses.push(event.loss ?? Number.NaN);
  });
  const given = { ...ALIKE, to: raw, data: ["text"], batch: 4, accumulate };
  const { settings } = check(growSettings, given);
  await inRun(
    { ...settings, ...around, out: runFolder(), command: "grow", resume: undefined },
    async (run) =>
      learnOperator({
        ...around,
        settings,
        engine: createOnnxEngine(),
        plan,
        operator: await startOperator(plan, settings, 0.02, memorySource(smallWeights())),
        part: "all",
        target,
        source: smallWeights(),
        task: fixedTask(4 / accumulate),
        run,
        recipe: { ...recipe, command: "grow" },
        losses: {},
        forecast: createForecast({}),
      }),
  );
  return losses;
}

describe("an update in parts", () => {
  it.each([2, 4])("trains on the mean gradient of %i micro-batches", async (parts) => {
    const whole = await trained(1);
    const inParts = await trained(parts);
    expect(inParts.map(({ step, tokens }) => [step, tokens])).toEqual(
      [1, 2, 3, 4, 5].map((step) => [step, step * 4 * SEQUENCE]),
    );
    const numbers = (steps: readonly StepMetrics[]): number[] =>
      steps.flatMap((step) => [step.loss, step.gradient_norm ?? Number.NaN]);
    // float32 sums in another order, through AdamW, which makes much of little where gradients are small
    expect(numbers(inParts)).toBeAllClose(numbers(whole), { absolute: 1e-3 });
    expect(whole.at(-1)?.loss).not.toBeCloseTo(whole[0]?.loss ?? 0, 2);
  });

  it("learns an operator by them too", async () => {
    const whole = await learned(1);
    expect(whole).toHaveLength(5);
    // likewise
    expect(await learned(2)).toBeAllClose(whole, { absolute: 1e-3 });
  });

  it("sees the same sequences in the same order whatever the number of parts", async () => {
    const tokensOf = async (parts: number): Promise<number[]> => {
      const seen: number[] = [];
      for (let step = 0; step < 3; step++) {
        const batches = await microBatches(fixedTask(8 / parts), step, parts);
        expect(batches).toHaveLength(parts);
        for (const batch of batches) seen.push(...(batch["input_ids"] ?? []));
      }
      return seen;
    };
    const whole = await tokensOf(1);
    for (const parts of [2, 4, 8]) expect(await tokensOf(parts)).toEqual(whole);
  });
});

describe("microBatchSize", () => {
  it("divides a batch into parts of the same size, or says why not", () => {
    expect(microBatchSize(32, 4)).toBe(8);
    expect(() => microBatchSize(32, 5)).toThrow(/32.*5 parts/);
    expect(() => microBatchSize(2, 4)).toThrow(/divisible/);
  });
});
