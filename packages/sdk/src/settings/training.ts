import {
  count,
  flag,
  fraction,
  nonNegative,
  positive,
  text,
  texts,
  whole,
  type Settings,
} from "./kinds.js";
import { moments } from "./optimization.js";
import { needs, type Rule } from "./rules.js";

/** Settings of training alone. */
export const trainingSettings: Settings = {
  className: text({
    flag: "class",
    group: "training",
    holder: "name",
    otherwise: "that of the checkpoint",
    says: "Class to train, such as `BertForSequenceClassification`.",
  }),
  labels: count({
    group: "training",
    otherwise: "those of the data",
    says: "Labels of the head; 1 for a number.",
  }),
  stepsBefore: whole({
    group: "training",
    unit: "steps",
    says: "Steps trained before by other runs: data, dropout and learning rate go on from there.",
  }).default(0),
  scheduleSteps: count({
    group: "optimiser",
    unit: "steps",
    otherwise: "`stepsBefore` + `steps`",
    says: "Steps that the schedule of the learning rate is laid out over.",
  }),
  epochs: positive({
    group: "training",
    says: "Passes over all training data, instead of `steps`.",
  }),
  momentum: fraction({
    group: "optimiser",
    otherwise: "0.95",
    says: "Decay of the momentum of matrices that `muon` moves.",
  }),
  weightDecay: nonNegative({ group: "optimiser", says: "Decoupled weight decay." }).default(0.1),
  clipNorm: positive({
    flag: "clip",
    group: "optimiser",
    says: "Largest norm of the gradient.",
  }).default(1),
  dropTokens: fraction({
    group: "training",
    otherwise: "0",
    says: "Share of the tokens that the layers between the first and the last do not see.",
  }),
  dropLayers: fraction({
    group: "training",
    otherwise: "0",
    says: "Share of the sequences that skip the last layer, less of those before.",
  }),
  freeze: texts({
    group: "training",
    holder: "names",
    says: "Names of parameters that stay as they are; `*` stands for any part of a name. For a grown model also `old`, the entries that come from its source, or `new`, all others.",
  }),
  newLearningRate: positive({
    flag: "new-lr",
    group: "optimiser",
    otherwise: "`learningRate`",
    says: "Peak of the schedule for entries of a grown model that are new: not the first copy of one of its source.",
  }),
  newWarmup: count({
    group: "optimiser",
    unit: "steps",
    otherwise: "that of all",
    says: "Steps over which the learning rate of new entries rises from zero, whatever the schedule of the old ones.",
  }),
  moments,
  saveMoments: flag({
    group: "output",
    otherwise: "false",
    says: "Write the optimiser's moments beside the trained weights too, for a growth or a training to take over: 8 bytes a parameter.",
  }),
  undecayed: texts({
    group: "optimiser",
    holder: "names",
    says: "Names of parameters without weight decay, beside biases and norms.",
  }),
  evaluateEvery: count({
    flag: "eval-every",
    group: "judging",
    unit: "steps",
    otherwise: "at the end only",
    says: "Steps between two evaluations on held-out data.",
  }),
  targetLoss: positive({
    group: "judging",
    says: "Held-out loss at or below which training ends, at an evaluation on the way.",
  }),
};

/** Settings of learning from a teacher. */
export const teacherSettings: Settings = {
  teacherSteps: count({
    group: "training",
    unit: "steps",
    otherwise: "0.44 of the schedule's",
    says: "Steps over which a language model's share in the loss falls to 0.",
  }),
  temperature: positive({
    group: "training",
    otherwise: "2 for text, 3 for images",
    says: "Divisor of the logits of teacher and student before they are compared.",
  }),
};

export const targetNeedsEvaluations: Rule<object> = needs("targetLoss", "evaluateEvery");

/** A training takes a step at least; a growth may take none. */
export const atLeastOneStep: Rule<{ steps: number }> = ({ steps }) =>
  steps === 0
    ? [
        {
          code: "settings/range",
          setting: "steps",
          message: "`steps` is 0; a training takes at least 1",
          expected: "a whole number from 1",
          actual: "0",
        },
      ]
    : [];

export const teacherRules: readonly Rule<object>[] = Object.keys(teacherSettings).map((name) =>
  needs(name, "teacher"),
);
