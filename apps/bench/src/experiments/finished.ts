import type { ComparedMethod, GrowthSettings, TrainingSettings } from "@ligo/compare";
import {
  row,
  sourceRows,
  type Config,
  type Experiment,
  type ExperimentInputs,
  type FinishedSource,
} from "./experiment.js";

const TRAINING_RATE = 1e-4;

/** Training on from a finished checkpoint: a small budget, at a rate that does not undo what it knows. */
const TRAINING: TrainingSettings & { readonly steps: number } = {
  steps: 300,
  batch: 4,
  sequence: 256,
  learningRate: TRAINING_RATE,
  warmup: 10,
  schedule: "linear",
  endLearningRate: 1e-5,
  optimizer: "adamw",
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
  dropout: 0,
  evaluateEvery: 30,
};

/** An operator of a finished model: forty steps on training's batches. */
const GROWTH: GrowthSettings = { steps: 40, warmup: 5 };

/** A rate that a start which keeps the function survives; the default of mixtures is 3e-2. */
const LOW_RATE = 1e-4;

/** Growth by a third, in width, in depth, or both. */
interface Factors {
  readonly width: number;
  readonly depth: number;
}

const THIRD = 4 / 3;

/** Keys of the config that grow. Heads keep their size, and share heads of keys and values as before. */
function grownKeys({ config }: FinishedSource, { depth, width }: Factors): Config {
  const times = (name: string, factor: number): [string, number][] => {
    const { [name]: value } = config;
    return typeof value === "number" ? [[name, Math.round(value * factor)]] : [];
  };
  const wider = width === 1 ? [] : ["hidden_size", "num_attention_heads", "num_key_value_heads"];
  return Object.fromEntries([
    ...wider.flatMap((name) => times(name, width)),
    ...(width === 1 ? [] : times("intermediate_size", width)),
    ...(depth === 1 ? [] : times("num_hidden_layers", depth)),
  ]);
}

/** Rows of every growth: the starts that keep the function, what learns from them, and the baselines. */
function rows({ depth, width }: Factors): readonly ComparedMethod[] {
  const learned = { learningRate: LOW_RATE };
  return [
    ...sourceRows,
    row("auto"),
    row("lossless-fresh"),
    row("lemon"),
    row("ligo, from lossless-fresh", "ligo", { ...learned, start: "lossless-fresh" }),
    row("ligo, a step ahead", "ligo", {
      ...learned,
      start: "lossless-fresh",
      innerSteps: 1,
      trainingRate: TRAINING_RATE,
    }),
    row("ligo, from lemon", "ligo-lossless", learned),
    row("ligo", "ligo", { learningRate: 1e-3 }),
    row("stack"),
    row("direct-copy"),
    ...(width === 1 ? [] : [row("sparkling")]),
    ...(depth === 1 ? [] : [row("solar")]),
  ];
}

function finished(name: string, title: string, factors: Factors): Experiment {
  return {
    name,
    title,
    data: "text",
    seeds: 2,
    fromCheckpoint: true,
    heldOut: 48,
    published: {},
    notes: [
      "All rows have one peak rate, 1e-4, which suits the source; rates of the operator are lower where its start keeps the function.",
      "Where the checkpoint was quantised, a part of what training gains is repair, in all rows alike.",
    ],
    comparison: (_scale, { checkpoint }: ExperimentInputs) => {
      if (checkpoint === undefined) throw new Error("A finished source is given.");
      return {
        source: checkpoint.folder,
        to: grownKeys(checkpoint, factors),
        training: TRAINING,
        growth: GROWTH,
        methods: rows(factors),
        budget: "flops",
        references: ["source"],
      };
    },
  };
}

/** Growth of a checkpoint that is finished: is it better than training that on? */
export const FINISHED: readonly Experiment[] = [
  finished("real-wide", "A finished Llama, a third wider", { width: THIRD, depth: 1 }),
  finished("real-deep", "A finished Llama, a third deeper", { width: 1, depth: THIRD }),
  finished("real-both", "A finished Llama, a third wider and deeper", {
    width: THIRD,
    depth: THIRD,
  }),
];
