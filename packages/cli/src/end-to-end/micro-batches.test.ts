import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { createPlan, createRandom } from "@ligo/core";
import { createOnnxEngine } from "@ligo/engine";
import { initialWeights } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_CONFIG, TINY_TARGET } from "@ligo/vitest/tiny-model";
import {
  startOperator,
  learnOnTask,
  GROW_DEFAULTS,
  describeModel,
  inRun,
  createTimings,
  type StepMetrics,
  optimizationSettings,
  trainOnTask,
  type TrainResult,
  microBatchSize,
  microBatches,
  type Feeds,
  type Task,
  silent,
} from "@ligo/sdk";

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
    training: "random tokens",
    heldOut: "the same",
    judgedSize: {},
    settings: {},
    fingerprint: async () => "fixed",
    batch: at,
    judgedBatches: (limit = 1) => ({ count: limit, at }),
    files: [],
  };
}

const small = describeModel(bert, TINY_CONFIG, "config.json");
const smallWeights = () => initialWeights(small.layout, { seed: 3, deviation: 0.3 });

// masks differ from batch to batch, so that an update in parts would not be the same
const optimization = optimizationSettings({}, { dropout: 0 });
const recipe = { settings: {}, inputs: {} };

/** Loss, gradient norm, learning rate, tokens of every step. */
async function trained(accumulate: number): Promise<StepMetrics[]> {
  const out = join(temporaryFolder(), "run");
  const timings = createTimings();
  await inRun({ out, command: "train", resume: undefined, timings }, (run) =>
    trainOnTask({
      engine: createOnnxEngine(),
      spec: small,
      weights: smallWeights(),
      task: fixedTask(4 / accumulate),
      steps: 5,
      stepsBefore: 0,
      scheduleSteps: 5,
      accumulate,
      checkpointActivations: false,
      learningRate: 1e-2,
      warmup: 1,
      weightDecay: 0.1,
      clipNorm: 1,
      freeze: undefined,
      undecayed: undefined,
      ...optimization,
      seed: 0,
      evaluateEvery: undefined,
      targetLoss: undefined,
      run,
      recipe: { ...recipe, command: "train" },
      start: undefined,
      save: async () => undefined,
      reporter: silent,
      timings,
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
  const timings = createTimings();
  const out = join(temporaryFolder(), "run");
  await inRun({ out, command: "grow", resume: undefined, timings }, (run) =>
    learnOnTask({
      engine: createOnnxEngine(),
      plan,
      operator: startOperator(plan, GROW_DEFAULTS),
      target,
      source: smallWeights(),
      task: fixedTask(4 / accumulate),
      steps: 5,
      accumulate,
      checkpointActivations: false,
      learningRate: 1e-2,
      warmup: 1,
      rates: "relative",
      ...optimization,
      seed: 0,
      run,
      recipe: { ...recipe, command: "grow" },
      losses: {},
      reporter: { note: () => undefined, step: ({ loss = Number.NaN }) => void losses.push(loss) },
      timings,
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
      steps.flatMap((step) => [step.loss, step.gradient_norm]);
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

describe("--accumulate and --checkpoint-activations", () => {
  const settingsOf = (folder: string): unknown =>
    (JSON.parse(readFileSync(join(folder, "ligo.json"), "utf8")) as { settings: unknown }).settings;

  it("train and are recorded, with the peak of memory", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const argv = [
      "train",
      checkpoint,
      "--data",
      text,
      "--steps",
      "2",
      "--batch",
      "4",
      "--out",
      out,
    ];
    const result = await ligoJson<TrainResult>([...argv, "--accumulate", "2"]);
    expect(result.tokens).toBe(2 * 4 * 16);
    expect(settingsOf(out)).toMatchObject({
      batch: 4,
      accumulate: 2,
      checkpoint_activations: false,
    });
    const { peak_memory_bytes: peak } = JSON.parse(
      readFileSync(join(out, "ligo.json"), "utf8"),
    ) as { peak_memory_bytes: number };
    // Node alone takes tens of megabytes, and the peak never falls.
    expect(peak).toBeGreaterThan(30e6);
    expect(result.peak_memory_bytes).toBeGreaterThanOrEqual(peak);
  });

  it("compute activations anew to the same bits", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const data = ["--data", text, "--steps", "2", "--batch", "4", "--quiet"];
    const runs = [
      ["train", checkpoint],
      ["grow", checkpoint, "--to", TINY_TARGET],
    ];
    for (const [command = "", ...given] of runs) {
      const written = [];
      for (const flags of [[], ["--checkpoint-activations"]]) {
        const out = join(folder, `${command}-${flags.length}`);
        expect((await ligo([command, ...given, ...data, ...flags, "--out", out])).code).toBe(0);
        expect(settingsOf(out)).toMatchObject({ checkpoint_activations: flags.length === 1 });
        written.push(readFileSync(join(out, "model.safetensors")));
      }
      expect(written[0]?.equals(written[1] ?? Buffer.alloc(0)), command).toBe(true);
    }
  });

  it.each(["train", "grow"])("%s refuses a batch that does not come out even", async (command) => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const to = command === "grow" ? ["--to", TINY_TARGET] : [];
    const argv = [command, checkpoint, ...to, "--data", text, "--out", out, "--batch", "4"];
    const { code, stderr } = await ligo([...argv, "--accumulate", "3"]);
    expect(code).toBe(2);
    expect(stderr).toContain("sdk/uneven-batch");
    expect(existsSync(out)).toBe(false);
  });

  it("say what compiling took and how much memory there was", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const data = ["--data", text, "--batch", "4"];
    const learn = [...data, "--steps", "1", "--out"];
    const commands = [
      ["train", checkpoint, ...learn, join(folder, "trained")],
      ["grow", checkpoint, "--to", TINY_TARGET, ...learn, join(folder, "grown")],
    ];
    for (const argv of commands) {
      const { stderr } = await ligo(argv);
      expect(stderr).toMatch(/^Step compiled in \d+(\.\d+)? s\.$/m);
      expect(stderr).toMatch(/^time .*compile \d/m);
      expect(stderr).toMatch(/^peak memory +\d+(\.\d+)? [MG]B$/m);
    }
    expect((await ligo(["eval", checkpoint, ...data])).stderr).toMatch(
      /^peak memory +\d+(\.\d+)? [MG]B$/m,
    );
  });
});
