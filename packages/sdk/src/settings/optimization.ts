import * as z from "@ligo/core/zod";
import {
  choice,
  count,
  flag,
  fraction,
  nonNegative,
  positive,
  whole,
  type Setting,
  type Settings,
} from "./kinds.js";
import { conflict, unused, type Rule } from "./rules.js";

/** The rate that a model is trained at unless told. */
export const TRAINING_RATE = 1e-4;

/** Settings of a step of learning, of a model and of an operator alike. */
export const optimization: Settings = {
  steps: whole({ group: "training", unit: "steps", says: "Updates." }),
  learningRate: positive({ flag: "lr", group: "optimiser", says: "Peak of the schedule." }),
  warmup: whole({
    group: "optimiser",
    unit: "steps",
    says: "Steps over which the learning rate rises from zero.",
  }),
  schedule: choice(["linear", "cosine", "polynomial", "constant", "wsd"], {
    group: "optimiser",
    says: "How the learning rate falls after the warm-up; `wsd`: it stays at its peak and falls over `decaySteps`.",
  }).default("linear"),
  endLearningRate: nonNegative({
    flag: "end-lr",
    group: "optimiser",
    says: "Learning rate at the end of the schedule.",
  }).default(0),
  power: positive({ group: "optimiser", says: "Power of the polynomial schedule." }).default(1),
  decaySteps: z
    .number()
    .gt(0)
    .refine((decay) => decay < 1 || Number.isInteger(decay))
    .meta({
      group: "optimiser",
      unit: "steps",
      otherwise: "a fifth of the schedule's",
      must: "a share above 0 and below 1, or a whole number of steps from 1",
      says: "Last part of the `wsd` schedule, over which the learning rate falls: a share, or a number of steps.",
    }),
  decayShape: choice(["1-sqrt", "linear", "cosine"], {
    group: "optimiser",
    otherwise: "`1-sqrt`",
    says: "How the learning rate falls there.",
  }),
  optimizer: choice(["adamw", "lamb", "muon"], {
    group: "optimiser",
    says: "How gradients become updates; `muon`, of training alone, moves the matrices of layers and leaves the rest to AdamW.",
  }).default("adamw"),
  beta1: fraction({ group: "optimiser", says: "Decay of the first moment." }).default(0.9),
  beta2: fraction({ group: "optimiser", says: "Decay of the second moment." }).default(0.999),
  epsilon: positive({
    group: "optimiser",
    says: "Added to the root of the second moment.",
  }).default(1e-6),
  dropout: z.union([z.number().min(0).lt(1), z.literal("config")]).meta({
    group: "training",
    says: "Chance of dropping a number; `config` takes the rates of the model's config.",
  }),
  precision: choice(["f32", "f16"], {
    group: "training",
    says: "Numbers that matrix products are made of; `f16` scales the loss, and the engine must have it.",
  }).default("f32"),
  accumulate: count({
    group: "memory",
    says: "Parts that the batch of an update is taken in, one after the other, to save memory. Divides `batch`.",
  }).default(1),
  checkpointActivations: flag({
    group: "memory",
    says: "Compute activations anew in the backward pass instead of keeping them.",
  }).default(false),
};

/** Moments of the optimiser, of a growth and of a training. */
export const moments: Setting = choice(["carry", "anew"], {
  group: "optimiser",
  otherwise: "carry",
  says: "Moments of the optimiser that lie beside the weights of the source: `carry` takes them over, of a growth where an entry copies one of the source; `anew` leaves them.",
});

/** Settings of learning an operator alone. */
export const operatorLearning: Settings = {
  rates: choice(["relative", "uniform"], {
    group: "optimiser",
    says: "`relative`: width maps learn at the learning rate divided by the old size; `uniform`: all tensors learn at it.",
  }).default("relative"),
  startDecay: nonNegative({
    group: "optimiser",
    says: "Weight decay of the operator towards where its learning starts (L2-SP).",
    otherwise: "none",
  }),
  innerSteps: count({
    group: "optimiser",
    unit: "steps",
    otherwise: "none",
    says: "Minimise the loss that the grown model has after so many steps of training, at `trainingRate`, instead of the one at its start.",
  }),
};

/** Parts of a batch have one size. */
export const wholeParts: Rule<{ accumulate: number; batch: number }> = ({ accumulate, batch }) =>
  accumulate === undefined || batch === undefined || batch % accumulate === 0
    ? []
    : [
        {
          code: "settings/conflict",
          setting: "accumulate",
          message: `\`batch: ${batch}\` cannot be taken in ${accumulate} parts of the same size; it must be divisible by \`accumulate\``,
          expected: `a multiple of ${accumulate}`,
          actual: String(batch),
        },
      ];

/** The power belongs to one schedule. */
export const polynomialPower: Rule<{ schedule: string }> = ({ schedule }, given) =>
  given.has("power") && schedule !== undefined && schedule !== "polynomial"
    ? [unused("power", `the schedule is ${schedule}`, '`schedule: "polynomial"`')]
    : [];

/** The last part belongs to another one. */
export const stableDecay: Rule<{ schedule: string }> = ({ schedule }, given) =>
  schedule === undefined || schedule === "wsd"
    ? []
    : ["decaySteps", "decayShape"]
        .filter((name) => given.has(name))
        .map((name) => unused(name, `the schedule is ${schedule}`, '`schedule: "wsd"`'));

/** An operator has no matrices of layers. */
export const operatorOptimizer: Rule<{ optimizer: string }> = ({ optimizer }) =>
  optimizer === "muon"
    ? [
        {
          code: "settings/conflict",
          setting: "optimizer",
          message:
            '`optimizer` is "muon", which moves matrices of layers; an operator has none, and learns by adamw or lamb',
          expected: "adamw or lamb",
          actual: "muon",
        },
      ]
    : [];

/** The momentum of matrices belongs to one optimiser. */
export const muonMomentum: Rule<{ optimizer: string }> = ({ optimizer }, given) =>
  given.has("momentum") && optimizer !== undefined && optimizer !== "muon"
    ? [unused("momentum", `the optimizer is ${optimizer}`, '`optimizer: "muon"`')]
    : [];

/** Two settings of which only one may be given. */
export const eitherOr =
  (one: string, other: string): Rule<object> =>
  (_values, given) =>
    given.has(one) && given.has(other) ? [conflict(one, other)] : [];

/** LAMB divides by how large numbers are, and differences from a start are nothing at first. */
export const plainDecay: Rule<{ optimizer: string; startDecay?: number | undefined }> = (
  { optimizer, startDecay = 0 },
  given,
) =>
  startDecay > 0 && optimizer === "lamb" && given.has("startDecay")
    ? [conflict("startDecay", "optimizer")]
    : [];
