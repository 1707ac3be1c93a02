import type { GrowthSettings, TrainingSettings } from "@ligo/compare";
import type { Scale } from "./scales.js";

/** AdamW and decay as the published code has them (section 2.3 of the paper and its repository). */
const OPTIMIZER: TrainingSettings = {
  optimizer: "adamw",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-6,
  weightDecay: 0.1,
  clipNorm: 1,
  schedule: "linear",
};

/**
 * The operator is learned as `ligo grow` does by default, on batches a quarter of training's: its few coefficients need no
 * more, and growing is charged.
 */
function learned(steps: number, batch: number): GrowthSettings {
  return { steps, warmup: Math.ceil(steps / 10), batch: batch / 4 };
}

/** How source and target are trained, and an operator learned. */
export interface ScaledSchedule {
  readonly source: TrainingSettings & { readonly steps: number };
  readonly target: TrainingSettings & { readonly steps: number };
  readonly growth: GrowthSettings;
}

/** Steps, batch and rate of masked and causal language models. */
interface TextSchedule {
  readonly sourceSteps: number;
  readonly steps: number;
  readonly warmup: number;
  readonly batch: number;
  readonly sequence: number;
  readonly learningRate: number;
  readonly dropout: number | "config";
  readonly growthSteps: number;
  /** Batches are taken in so many parts. */
  readonly accumulate?: number;
}

function textSchedule(options: TextSchedule): ScaledSchedule {
  const { accumulate = 1, growthSteps, sourceSteps, ...shared } = options;
  const training = { ...OPTIMIZER, ...shared, accumulate };
  return {
    source: { ...training, steps: sourceSteps, evaluateEvery: sourceSteps },
    target: { ...training, evaluateEvery: Math.ceil(shared.steps / EVALUATIONS) },
    growth: learned(growthSteps, shared.batch),
  };
}

/** Points of a curve. */
const EVALUATIONS = 20;

// the source's share of steps is the paper's, 0.55; its fortieth of warm-up is too short for a rate ten times as high
const MINI = {
  sourceSteps: 385,
  steps: 700,
  warmup: 80,
  sequence: 64,
  dropout: 0,
  growthSteps: 20,
} as const;

const MIDI = {
  sourceSteps: 660,
  steps: 1200,
  warmup: 100,
  sequence: 128,
  dropout: 0,
  growthSteps: 20,
} as const;

const SMALL = {
  sourceSteps: 4400,
  steps: 8000,
  warmup: 200,
  sequence: 128,
  dropout: 0.1,
  growthSteps: 100,
} as const;

/** BERT's schedule: 400 thousand steps of 256 x 128 at 2e-4, its source 220 thousand. */
export const BERT_SCHEDULE: Readonly<Record<Scale, ScaledSchedule>> = {
  mini: textSchedule({ ...MINI, batch: 32, learningRate: 2e-3 }),
  midi: textSchedule({ ...MIDI, batch: 32, learningRate: 1e-3 }),
  small: textSchedule({ ...SMALL, batch: 32, learningRate: 5e-4 }),
  paper: textSchedule({
    sourceSteps: 220_000,
    steps: 400_000,
    warmup: 10_000,
    batch: 256,
    sequence: 128,
    learningRate: 2e-4,
    dropout: "config",
    growthSteps: 100,
    accumulate: 8,
  }),
};

/**
 * BERT's for more layers: at `mini`'s rate eight of them do not get beyond how frequent words are (held-out loss 6.00 after
 * 665 of 700 steps; at half of it 5.42).
 */
export const DEEP_BERT_SCHEDULE: Readonly<Record<Scale, ScaledSchedule>> = {
  ...BERT_SCHEDULE,
  mini: textSchedule({ ...MINI, batch: 32, learningRate: 1e-3 }),
};

/** RoBERTa's: batches of 1024 at 8e-4. The paper does not say how long its source trains; here as long as BERT's. */
export const ROBERTA_SCHEDULE: Readonly<Record<Scale, ScaledSchedule>> = {
  ...BERT_SCHEDULE,
  paper: textSchedule({
    sourceSteps: 220_000,
    steps: 400_000,
    warmup: 10_000,
    batch: 1024,
    sequence: 128,
    learningRate: 8e-4,
    dropout: "config",
    growthSteps: 100,
    accumulate: 32,
  }),
};

/**
 * GPT-2's: batches of 384 x 1024. Its steps, rate and warm-up are not in the paper, which follows Shen et al. (2022); here
 * 250 thousand steps at 1.5e-4, a hundredth of them to warm up.
 */
export const GPT2_SCHEDULE: Readonly<Record<Scale, ScaledSchedule>> = {
  mini: textSchedule({ ...MINI, batch: 16, learningRate: 2e-3 }),
  midi: textSchedule({ ...MIDI, batch: 32, learningRate: 1e-3 }),
  small: textSchedule({ ...SMALL, batch: 16, learningRate: 5e-4 }),
  paper: textSchedule({
    sourceSteps: 250_000,
    steps: 250_000,
    warmup: 2500,
    batch: 384,
    sequence: 1024,
    learningRate: 1.5e-4,
    dropout: "config",
    growthSteps: 100,
    accumulate: 96,
  }),
};

/** DeiT's own recipe: 300 epochs of ImageNet in batches of 1024, AdamW at 1e-3 with decay 0.05, cosine, 5 epochs of warm-up. */
const EPOCH = Math.floor(1_281_167 / 1024);

function imageSchedule(options: {
  readonly sourceSteps: number;
  readonly steps: number;
  readonly warmup: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly growthSteps: number;
  readonly augment: "plain" | "deit";
  readonly accumulate?: number;
}): ScaledSchedule {
  const { accumulate = 1, growthSteps, sourceSteps, ...shared } = options;
  const training: TrainingSettings & { readonly steps: number } = {
    ...OPTIMIZER,
    ...shared,
    accumulate,
    epsilon: 1e-8,
    weightDecay: 0.05,
    schedule: "cosine",
    dropout: 0,
  };
  return {
    source: { ...training, steps: sourceSteps, evaluateEvery: sourceSteps },
    target: { ...training, evaluateEvery: Math.ceil(shared.steps / EVALUATIONS) },
    growth: learned(growthSteps, shared.batch),
  };
}

export const IMAGE_SCHEDULE: Readonly<Record<Scale, ScaledSchedule>> = {
  mini: imageSchedule({
    sourceSteps: 2000,
    steps: 2000,
    warmup: 100,
    batch: 64,
    learningRate: 1e-3,
    growthSteps: 20,
    augment: "plain",
  }),
  midi: imageSchedule({
    sourceSteps: 3000,
    steps: 3000,
    warmup: 150,
    batch: 64,
    learningRate: 1e-3,
    growthSteps: 20,
    augment: "plain",
  }),
  small: imageSchedule({
    sourceSteps: 12_000,
    steps: 12_000,
    warmup: 300,
    batch: 64,
    learningRate: 1e-3,
    growthSteps: 100,
    augment: "plain",
  }),
  paper: imageSchedule({
    sourceSteps: 300 * EPOCH,
    steps: 300 * EPOCH,
    warmup: 5 * EPOCH,
    batch: 1024,
    learningRate: 1e-3,
    growthSteps: 100,
    augment: "deit",
    accumulate: 16,
  }),
};
