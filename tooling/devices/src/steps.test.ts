import { checkConfig, createPlan, createRandom, methodNamed, type RawConfig } from "@ligo/core";
import { createOnnxEngine, type Engine, type Numbers, type TensorSpecs } from "@ligo/engine";
import { createModel } from "@ligo/nn";
import {
  createEvaluator,
  createTrainer,
  initialWeights,
  learnableSpecs,
  learnOperator,
  type OperatorLearningOptions,
  type Stepper,
  type TrainerOptions,
} from "@ligo/train";
import { describe, expect, it } from "vitest";
import { readRecordedModel } from "./recorded-models.js";
import { webgpu as device, webGpuName } from "./webgpu.js";

const onnx = createOnnxEngine();
const webgpu = device as Engine;
const STEPS = 20;
const RATE = 1e-3;

type Model = Pick<TrainerOptions, "layout" | "objective" | "batch">;
type Batch = Readonly<Record<string, Numbers>>;

/** A recorded model, with other sizes perhaps, and the batch it was recorded with. */
async function prepare(
  name: string,
  resize: (config: RawConfig) => RawConfig = () => ({}),
): Promise<{ readonly model: Model; readonly batch: Batch }> {
  const { architecture, recorded } = await readRecordedModel(name);
  const raw = { ...recorded.config, ...resize(recorded.config) };
  const config = checkConfig(architecture, raw);
  const [className = ""] = recorded.config["architectures"] as readonly string[];
  const { objectives } = await createModel(architecture, config, className);
  const [objective] = Object.values(objectives);
  if (!objective) throw new RangeError(`${name} has no objective.`);
  const inputs = [...recorded.inputs];
  const specs: TensorSpecs = Object.fromEntries(
    inputs.map(([input, { shape, data }]) => [
      input,
      { shape, dtype: data instanceof Int32Array ? ("int32" as const) : ("float32" as const) },
    ]),
  );
  return {
    model: { layout: architecture.layout(config, className), objective, batch: specs },
    batch: Object.fromEntries(inputs.map(([input, { data }]) => [input, data])),
  };
}

/** Losses of some steps, all on the same batch. */
async function losses(
  stepper: Stepper,
  batch: Batch,
  { steps = STEPS, accumulate = 1 }: { steps?: number; accumulate?: number } = {},
): Promise<number[]> {
  const batches = Array.from({ length: accumulate }, () => batch);
  const seen: number[] = [];
  for (let step = 0; step < steps; step++) seen.push((await stepper.step(batches, RATE)).loss);
  return seen;
}

/** Steps to take on both engines: a fresh stepper of an engine, and its batch. */
interface Case {
  readonly batch: Batch;
  readonly accumulate?: number;
  create(engine: Engine, start?: OperatorLearningOptions["start"]): Promise<Stepper>;
}

const weightsOf = ({ layout }: Model): TrainerOptions["weights"] =>
  initialWeights(layout, { seed: 3, deviation: 0.1 });

/** Training of a recorded model from random weights. */
async function training(name: string, options: Partial<TrainerOptions> = {}): Promise<Case> {
  const { model, batch } = await prepare(name);
  const { accumulate, teacher } = options;
  return {
    batch: teacher ? { ...batch, distillation_alpha: Float32Array.of(0.5) } : batch,
    ...(accumulate === undefined ? {} : { accumulate }),
    create: (engine, start) =>
      createTrainer(engine, { ...model, weights: weightsOf(model), ...options, start }),
  };
}

/** Training of which half the rows of each tensor are new, and as many have moments that began at zero. */
async function entries(
  name: "adamw" | "lamb",
  options: Partial<TrainerOptions> = {},
): Promise<Case> {
  const { model } = await prepare("bert/bert-tiny");
  const half = new Map(
    Object.entries(learnableSpecs(model.layout)).map(([parameter, { shape }]) => [
      parameter,
      shape.map((size, axis) =>
        Uint8Array.from({ length: size }, (_, row) => (axis > 0 || row < size / 2 ? 1 : 0)),
      ),
    ]),
  );
  return training("bert/bert-tiny", {
    optimizer: { name },
    old: half,
    carried: half,
    lateBy: 50,
    hasNewRate: true,
    moments: { steps: 50, state: {} },
    ...options,
  });
}

/** Learning of an operator from a recorded model's config to one that is twice as wide and one layer deeper. */
async function learning(
  name: string,
  resize: (config: RawConfig) => RawConfig,
  options: Partial<OperatorLearningOptions> = {},
): Promise<Case> {
  const [small, large] = [await prepare(name), await prepare(name, resize)];
  const plan = createPlan(small.model.layout, large.model.layout);
  const operator = methodNamed("ligo").operator(plan, { random: createRandom(5) });
  const { objective, batch } = large.model;
  const source = weightsOf(small.model);
  return {
    batch: large.batch,
    create: (engine, start) =>
      learnOperator(engine, { plan, operator, objective, batch, source, ...options, start }),
  };
}

const twice =
  (...keys: readonly string[]) =>
  (config: RawConfig): RawConfig => ({
    ...Object.fromEntries(keys.map((key) => [key, 2 * Number(config[key])])),
    num_hidden_layers: Number(config["num_hidden_layers"]) + 1,
  });

async function distillation(name: string): Promise<Case> {
  const { model } = await prepare(name);
  return training(name, { teacher: { ...model, weights: weightsOf(model), temperature: 2 } });
}

const cases: Readonly<Record<string, () => Promise<Case>>> = {
  "BERT with dropout": () => training("bert/bert-tiny", { dropout: { seed: 1, rate: 0.1 } }),
  "BERT with dropped tokens and layers": () =>
    training("bert/bert-tiny", { skipping: { seed: 1, tokens: 0.5, layers: 0.3 } }),
  "Llama by LAMB, activations computed anew": () =>
    training("llama/LlamaForCausalLM", {
      optimizer: { name: "lamb" },
      checkpointActivations: true,
    }),
  "GPT-2 by Muon": () => training("gpt2/gpt2-tiny", { optimizer: { name: "muon" } }),
  "GPT-NeoX by Muon": () =>
    training("gpt-neox/GPTNeoXForCausalLM", { optimizer: { name: "muon" } }),
  "ViT in two batches an update": () => training("vit/vit-tiny", { accumulate: 2 }),
  "GPT-2 with a scaled loss by LAMB, in two batches an update": () =>
    training("gpt2/gpt2-tiny", { accumulate: 2, lossScale: {}, optimizer: { name: "lamb" } }),
  "ModernBERT, some of it frozen": () =>
    training("modernbert/ModernBertForMaskedLM", { freeze: ["*embeddings*"] }),
  "BERT, entries at their own rates and corrections": () => entries("adamw"),
  "BERT, the same by LAMB, new ones frozen": () => entries("lamb", { freezeEntries: "new" }),
  "GPT-2 with a teacher": () => distillation("gpt2/gpt2-tiny"),
  "an operator of Llama": () =>
    learning(
      "llama/LlamaForCausalLM",
      twice("hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads"),
    ),
  "an operator of ViT, activations computed anew": () =>
    learning("vit/vit-tiny", twice("hidden_size", "intermediate_size", "num_attention_heads"), {
      checkpointActivations: true,
    }),
};

const copied = (state: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(state).map(([name, data]) => [name, data.slice()]));

describe.skipIf(device === undefined)(`steps on ${webGpuName}`, { timeout: 300_000 }, () => {
  it.each(Object.keys(cases))("are those of onnx, all on the device: %s", async (name) => {
    const { batch, accumulate = 1, create } = await (cases[name] as () => Promise<Case>)();
    const [expecting, acting] = [await create(onnx), await create(webgpu)];
    const expected = await losses(expecting, batch, { accumulate });
    const [first, ...rest] = [
      ...(await losses(acting, batch, { accumulate, steps: 1 })),
      ...(await losses(acting, batch, { accumulate, steps: 1 })),
    ];
    const { device: usage } = acting.compiled.info;
    const before = { ...usage };
    rest.push(...(await losses(acting, batch, { accumulate, steps: STEPS - 2 })));
    expect(usage).toEqual(before);
    // twenty steps of float32 arithmetic, summed in another order; AdamW divides by small numbers at first
    expect([first, ...rest]).toBeAllClose(expected, { relative: 1e-4 });
    expect(new Set(expected).size).toBe(STEPS);
    await expecting.compiled.dispose();
    await acting.compiled.dispose();
  });

  it.each(["BERT with dropout", "an operator of Llama"])(
    "go on as unbroken ones: %s",
    async (name) => {
      const { batch, create } = await (cases[name] as () => Promise<Case>)();
      const whole = await create(webgpu);
      const expected = await losses(whole, batch, { steps: 10 });
      await whole.compiled.dispose();
      const begun = await create(webgpu);
      const first = await losses(begun, batch, { steps: 5 });
      const start = { steps: begun.steps, state: copied(await begun.compiled.read()) };
      await begun.compiled.dispose();
      const resumed = await create(webgpu, start);
      const rest = await losses(resumed, batch, { steps: 5 });
      await resumed.compiled.dispose();
      // where a device adds repeated rows, it may do so in another order
      expect([...first, ...rest]).toBeAllClose(expected, { relative: 1e-5 });
    },
  );

  it("share weights with an evaluation without moving them, and leave nothing behind", async () => {
    const { model, batch } = await prepare("gpt2/gpt2-tiny");
    const weights = weightsOf(model);
    const trainer = await createTrainer(webgpu, { ...model, weights });
    const evaluator = await createEvaluator(webgpu, { ...model, weights });
    const { device: usage } = evaluator.compiled.info;
    const { loss } = await trainer.step(batch, RATE);
    const before = { ...usage };
    const judged = (await evaluator.evaluate([batch])).loss;
    expect(judged).toBeLessThan(loss);
    await trainer.step(batch, RATE);
    expect((await evaluator.evaluate([batch])).loss).toBeLessThan(judged);
    expect(usage).toEqual(before);
    await trainer.weights();
    expect(usage?.down).toBeGreaterThan(before.down ?? Number.NaN);
    const tensors = usage?.tensors ?? Number.NaN;
    await trainer.compiled.dispose();
    await evaluator.compiled.dispose();
    // parameters and two moments of each
    expect(usage?.tensors).toBe(tensors - 3 * weights.size);
  });
});
