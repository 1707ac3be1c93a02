import { createPlan, createRandom } from "@ligo/core";
import { ligoOperator } from "@ligo/core/methods";
import type { Engine, Precision, TensorSpecs } from "@ligo/engine";
import type { ModelSpec } from "@ligo/sdk/models";
import { createTrainer, learnOperator, type Stepper } from "@ligo/train";
import { languageModelling, perfModel, randomWeights, type ModelShape } from "./perf-model.js";

/** Shapes of a performance case. */
export interface PerfSize {
  readonly small: ModelShape;
  readonly large: ModelShape;
  readonly batch: number;
  readonly sequence: number;
  readonly vocabulary: number;
}

export const PERF_SIZES: Readonly<Record<"small" | "base", PerfSize>> = {
  small: {
    small: { layers: 3, hidden: 256 },
    large: { layers: 6, hidden: 384 },
    batch: 16,
    sequence: 128,
    vocabulary: 8000,
  },
  base: {
    small: { layers: 6, hidden: 512 },
    large: { layers: 12, hidden: 768 },
    batch: 8,
    sequence: 128,
    vocabulary: 30522,
  },
};

/** A step to time. */
export interface StepCase {
  /** `ligo` learns an operator, `train` is a plain AdamW training step of the large model. */
  readonly kind: "ligo" | "train";
  readonly size: PerfSize;
  /** Whether every grown weight is built before it is used, as the published code does. */
  readonly naive?: boolean;
  readonly checkpointActivations?: boolean;
}

const { small, base } = PERF_SIZES;

/** The steps that have targets, what they are compared with, and how time grows from the small training step. */
export const STEP_CASES: Readonly<Record<string, StepCase>> = {
  "ligo-small": { kind: "ligo", size: small },
  "ligo-small-naive": { kind: "ligo", size: small, naive: true },
  "train-small": { kind: "train", size: small },
  "ligo-base": { kind: "ligo", size: base },
  "ligo-base-naive": { kind: "ligo", size: base, naive: true },
  "train-base": { kind: "train", size: base },
  "ligo-base-checkpointed": { kind: "ligo", size: base, checkpointActivations: true },
  "train-base-checkpointed": { kind: "train", size: base, checkpointActivations: true },
};

/** Steps that a GPU is for: measured where they are asked for by name. */
export const LARGE_CASES: Readonly<Record<string, StepCase>> = {
  // 304 million parameters
  "train-llama": {
    kind: "train",
    size: {
      small: { layers: 12, hidden: 512, llama: { group: 4, mlp: 1408 } },
      large: { layers: 24, hidden: 1024, llama: { group: 4, mlp: 2816 } },
      batch: 4,
      sequence: 512,
      vocabulary: 32_000,
    },
  },
};

const withLarge = (large: Partial<ModelShape>): PerfSize => ({
  ...small,
  large: { ...small.large, ...large },
});

/** The small training step with one size changed at a time. */
export const SCALING_CASES: Readonly<Record<string, StepCase>> = {
  "train-batch-4": { kind: "train", size: { ...small, batch: 4 } },
  "train-batch-8": { kind: "train", size: { ...small, batch: 8 } },
  "train-batch-32": { kind: "train", size: { ...small, batch: 32 } },
  "train-width-192": { kind: "train", size: withLarge({ hidden: 192 }) },
  "train-width-768": { kind: "train", size: withLarge({ hidden: 768 }) },
  "train-depth-3": { kind: "train", size: withLarge({ layers: 3 }) },
  "train-depth-12": { kind: "train", size: withLarge({ layers: 12 }) },
};

/** Figures of one case, measured in a process of its own. */
export interface StepMeasurement {
  /** The fastest step, as the SGEMM rate is that of the fastest product: both are of the machine left alone. */
  readonly seconds: number;
  readonly medianSeconds: number;
  readonly flops: number;
  readonly compileSeconds: number;
  readonly peakMemoryBytes: number;
}

/** What computes a step, and in which numbers products are formed. */
export interface Computing {
  readonly engine: Engine;
  readonly precision: Precision;
}

/** Times the steps of one case; the first is not counted. */
export async function measureStep(
  step: StepCase,
  repeats: number,
  computing: Computing,
): Promise<StepMeasurement> {
  const { size } = step;
  const large = perfModel(size.large, size.vocabulary);
  const { batch, specs } = size.large.llama ? plainBatch(size) : maskedBatch(size);
  const stepper =
    step.kind === "ligo"
      ? await ligoStepper(perfModel(size.small, size.vocabulary), large, specs, step, computing)
      : await trainingStepper(large, specs, step, computing);
  const times: number[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const started = performance.now();
    await stepper.step(batch, 1e-4);
    times.push((performance.now() - started) / 1000);
  }
  const sorted = times.slice(1).toSorted((a, b) => a - b);
  return {
    seconds: sorted[0] as number,
    medianSeconds: sorted[Math.floor(sorted.length / 2)] as number,
    flops: stepper.compiled.info.matrixFlops,
    compileSeconds: stepper.compiled.info.compileSeconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

async function ligoStepper(
  from: ModelSpec,
  to: ModelSpec,
  batch: TensorSpecs,
  { naive = false, checkpointActivations = false }: StepCase,
  { engine, precision }: Computing,
): Promise<Stepper> {
  const plan = createPlan(from.layout, to.layout);
  return learnOperator(engine, {
    precision,
    plan,
    operator: ligoOperator(plan, createRandom(1)),
    objective: await languageModelling(to),
    batch,
    source: randomWeights(from),
    contraction: naive ? "materialise" : "planned",
    checkpointActivations,
  });
}

async function trainingStepper(
  model: ModelSpec,
  batch: TensorSpecs,
  { checkpointActivations = false }: StepCase,
  { engine, precision }: Computing,
): Promise<Stepper> {
  return createTrainer(engine, {
    precision,
    layout: model.layout,
    objective: await languageModelling(model),
    batch,
    weights: randomWeights(model),
    checkpointActivations,
  });
}

interface SyntheticBatch {
  readonly batch: Record<string, Int32Array>;
  readonly specs: TensorSpecs;
}

/** Random token ids: speed does not depend on the text. */
function tokenIds(vocabulary: number): (count: number) => Int32Array {
  const random = createRandom(7);
  return (count) => Int32Array.from({ length: count }, () => random.integer(vocabulary));
}

/** A batch for causal language modelling. */
function plainBatch({ batch, sequence, vocabulary }: PerfSize): SyntheticBatch {
  const numbers = tokenIds(vocabulary)(batch * sequence);
  const spec = { shape: [batch, sequence], dtype: "int32" } as const;
  return {
    batch: { input_ids: numbers, labels: numbers },
    specs: { input_ids: spec, labels: spec },
  };
}

/** A batch with 15 % of the positions labelled. */
function maskedBatch({ batch, sequence, vocabulary }: PerfSize): SyntheticBatch {
  const tokens = batch * sequence;
  const labelled = Math.round(0.15 * tokens);
  const ids = tokenIds(vocabulary);
  const positions = Int32Array.from({ length: labelled }, (_, index) =>
    Math.floor((index * tokens) / labelled),
  );
  return {
    batch: { input_ids: ids(tokens), label_positions: positions, label_ids: ids(labelled) },
    specs: {
      input_ids: { shape: [batch, sequence], dtype: "int32" },
      label_positions: { shape: [labelled], dtype: "int32" },
      label_ids: { shape: [labelled], dtype: "int32" },
    },
  };
}
