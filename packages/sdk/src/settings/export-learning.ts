import * as z from "@ligo/core/zod";
import { defineSettings, type CommandSettings } from "./define.js";
import { growSettings } from "./grow.js";
import { whole, type Setting, type Settings } from "./kinds.js";
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

const learners = ["ligo", "ligo-lossless", "ligo-depth", "ligo-width"] as const;

const method: Setting = z
  .enum(learners)
  .meta({
    group: "method",
    holder: "name",
    says: "How to grow: a method that learns its operator.",
  })
  .default("ligo");

/** Settings of `grow` that say how an operator is learned, and of what is written for those that learn it elsewhere. */
export const exportLearningSettings: CommandSettings<
  ExportLearningSettings,
  CheckedExportLearningSettings
> = defineSettings<ExportLearningSettings, CheckedExportLearningSettings>(
  "exportLearning",
  {
    ...ofGrowth,
    method,
    out: (shape as Settings)["out"] as Setting,
    dumpSteps: whole({
      group: "output",
      unit: "steps",
      says: "First steps that are computed here and written, to hold others against: batches, losses, gradients of the operator.",
    }).default(0),
  },
  { required: ["out", "data"] },
);
