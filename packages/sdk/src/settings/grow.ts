import { losslessStarts } from "@ligo/core/methods";
import {
  dataSettings,
  evaluationData,
  heldOutSettings,
  imageFiles,
  imageSettings,
  textSettings,
} from "./data.js";
import { defineSettings, type CommandSettings } from "./define.js";
import {
  growthSettings,
  hasTarget,
  parametersAlone,
  targetSettings,
  vocabularyRules,
} from "./growth.js";
import { withDefaults, type Settings } from "./kinds.js";
import {
  dataToLearn,
  learnsOperator,
  listedLayers,
  methodSettings,
  ownOptions,
  startAlone,
} from "./method.js";
import {
  eitherOr,
  operatorLearning,
  optimization,
  plainDecay,
  polynomialPower,
  wholeParts,
} from "./optimization.js";
import { needs, unused, type Rule } from "./rules.js";
import { engineSettings, modelSettings, outputSettings } from "./run.js";
import type { CheckedGrowSettings, GrowSettings } from "./types.generated.js";

/** An operator has few numbers: a high rate, no dropout, a hundred steps. */
const learning: Settings = withDefaults(optimization, {
  steps: 100,
  learningRate: 3e-2,
  warmup: 10,
  dropout: 0,
});

/** Peak of the schedule from a start that changes nothing yet: a higher one loses what the start keeps. */
const LOSSLESS_RATE = 1e-4;

/** The learning rate where it is not given: that of the start. */
const startRate = (
  { method, start }: Partial<CheckedGrowSettings>,
  given: ReadonlySet<string>,
): Partial<CheckedGrowSettings> => {
  const isLossless =
    method === "ligo-lossless" || losslessStarts.some((lossless) => lossless === start);
  return isLossless && !given.has("learningRate") ? { learningRate: LOSSLESS_RATE } : {};
};

/** Settings that only learning reads. */
const OF_LEARNING: readonly string[] = [
  ...Object.keys(optimization).filter((name) => name !== "accumulate"),
  ...Object.keys(operatorLearning),
  "augment",
  "stochasticDepth",
  "dataWeights",
  "saveEvery",
  "saveMinutes",
  "keep",
];

/** Settings that only learning and losses read. */
const OF_DATA: readonly string[] = [
  "objective",
  "batch",
  "sequence",
  "tokenizer",
  "accumulate",
  "processor",
  "teacher",
  ...Object.keys(textSettings).filter((name) => name !== "dataWeights"),
  ...Object.keys(heldOutSettings),
  ...Object.keys(evaluationData),
];

/** Settings that a growth reads whose operator is learned, or whose losses are measured. */
const onlyRead: Rule<CheckedGrowSettings> = (values, given) => {
  const { data = [], method, operator, steps } = values;
  if (method === undefined) return [];
  const choice = { method, operator, steps, data };
  const has = (names: readonly string[]): readonly string[] =>
    names.filter((name) => given.has(name));
  const learns = learnsOperator(choice);
  const mayLearn = learnsOperator({ ...choice, steps: 1 });
  const because =
    operator === undefined
      ? mayLearn
        ? "nothing is learned in 0 steps without data"
        : `the method ${typeof method === "string" ? method : method.name} learns nothing`
      : "`operator` is applied as it is";
  const idle = learns ? [] : has(OF_LEARNING).filter((name) => name !== "steps" || !mayLearn);
  const blind = data.length === 0 && !(mayLearn && steps !== 0) ? has(OF_DATA) : [];
  return [
    ...idle.map((name) => unused(name, because, "a method that learns")),
    ...blind.map((name) => unused(name, "there are no data", "`data` too")),
  ];
};

export const growSettings: CommandSettings<GrowSettings, CheckedGrowSettings> = defineSettings<
  GrowSettings,
  CheckedGrowSettings
>(
  "grow",
  {
    ...targetSettings,
    ...methodSettings,
    ...growthSettings,
    ...dataSettings,
    ...heldOutSettings,
    ...evaluationData,
    ...textSettings,
    ...imageFiles,
    ...imageSettings,
    ...learning,
    ...operatorLearning,
    ...engineSettings,
    ...modelSettings,
    ...outputSettings,
  },
  {
    rules: [
      hasTarget,
      parametersAlone,
      dataToLearn,
      ownOptions,
      startAlone,
      listedLayers,
      needs("layersBy", "data"),
      onlyRead,
      eitherOr("heldOut", "evalData"),
      eitherOr("tokenizer", "growVocabulary"),
      ...vocabularyRules,
      wholeParts,
      polynomialPower,
      plainDecay,
    ],
    defaults: startRate,
  },
);
