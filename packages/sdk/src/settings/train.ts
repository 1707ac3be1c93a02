import {
  dataSettings,
  evaluationData,
  heldOutSettings,
  imageFiles,
  imageSettings,
  textSettings,
} from "./data.js";
import { defineSettings, type CommandSettings } from "./define.js";
import { withDefaults } from "./kinds.js";
import {
  eitherOr,
  muonMomentum,
  optimization,
  polynomialPower,
  stableDecay,
  wholeParts,
  TRAINING_RATE,
} from "./optimization.js";
import { engineSettings, modelSettings, outputSettings } from "./run.js";
import {
  atLeastOneStep,
  targetNeedsEvaluations,
  teacherRules,
  teacherSettings,
  trainingSettings,
} from "./training.js";
import type { CheckedTrainSettings, TrainSettings } from "./types.generated.js";

export const trainSettings: CommandSettings<TrainSettings, CheckedTrainSettings> = defineSettings<
  TrainSettings,
  CheckedTrainSettings
>(
  "train",
  {
    ...dataSettings,
    ...heldOutSettings,
    ...evaluationData,
    ...textSettings,
    ...imageFiles,
    ...imageSettings,
    ...teacherSettings,
    ...withDefaults(optimization, { steps: 1000, learningRate: TRAINING_RATE, dropout: "config" }),
    ...trainingSettings,
    ...engineSettings,
    ...modelSettings,
    ...outputSettings,
  },
  {
    required: ["data"],
    rules: [
      atLeastOneStep,
      eitherOr("heldOut", "evalData"),
      eitherOr("epochs", "steps"),
      targetNeedsEvaluations,
      wholeParts,
      polynomialPower,
      stableDecay,
      muonMomentum,
      ...teacherRules,
    ],
  },
);
