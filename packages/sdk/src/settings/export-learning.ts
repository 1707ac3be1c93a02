import { defineSettings, type CommandSettings } from "./define.js";
import { growSettings } from "./grow.js";
import { pick, whole, withDefaults, type Settings } from "./kinds.js";
import type { Rule } from "./rules.js";
import type { CheckedExportLearningSettings, ExportLearningSettings } from "./types.generated.js";

/** Settings of a growth that learning elsewhere does not have, or does not know. */
const NOT_EXPORTED: ReadonlySet<string> = new Set([
  "method",
  "budget",
  "trainingRate",
  "operator",
  "moments",
  "evaluate",
  "evalData",
  "layersBy",
  "dataWeights",
  "teacher",
  "growVocabulary",
  "padVocabulary",
  "newRows",
  "loseTokens",
  "newPositions",
  "optimizer",
  "dropout",
  "startDecay",
  "innerSteps",
  "precision",
  "lossScale",
  "checkpointActivations",
  "out",
  "dtype",
  "saveEvery",
  "saveMinutes",
  "keep",
]);

const { shape } = growSettings.schema;
const ofGrowth: Settings = Object.fromEntries(
  Object.entries(shape as Settings).filter(([name]) => !NOT_EXPORTED.has(name)),
);

/** Methods whose operator is one of maps and mixtures of layers that others can learn. */
const LEARNERS = ["ligo", "ligo-lossless", "ligo-depth", "ligo-width"] as const;

/** The method learns its operator. */
const learner: Rule<CheckedExportLearningSettings> = ({ method = "ligo" }) => {
  const name = typeof method === "string" ? method : method.name;
  if (LEARNERS.some((one) => one === name)) return [];
  const expected = LEARNERS.join(", ");
  return [
    {
      code: "settings/conflict",
      setting: "method",
      message: `\`method\` is "${name}", and others can learn the operators of ${expected} alone`,
      expected,
      actual: name,
    },
  ];
};

/** Settings of `grow` that say how an operator is learned, and of what is written for those that learn it elsewhere. */
export const exportLearningSettings: CommandSettings<
  ExportLearningSettings,
  CheckedExportLearningSettings
> = defineSettings<ExportLearningSettings, CheckedExportLearningSettings>(
  "exportLearning",
  {
    ...ofGrowth,
    ...withDefaults(pick(shape, "method"), { method: "ligo" }),
    ...pick(shape, "out"),
    dumpSteps: whole({
      group: "output",
      unit: "steps",
      says: "First steps that are computed here and written, to hold others against: batches, losses, gradients of the operator.",
    }).default(0),
  },
  { required: ["out", "data"], rules: [learner] },
);
