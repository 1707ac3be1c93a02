import type { TrainingSettings } from "./arms.js";
import type { GrowthSettings } from "./growth.js";

/** Sizes and schedules of the quickstart: the growth factors of BERT-Small -> BERT-Base, at a size two cores can train. */
export const SEQUENCE = 64;
export const VOCABULARY = 2048;
export const SMALL: { readonly layers: number; readonly hidden: number; readonly heads: number } = {
  layers: 2,
  hidden: 128,
  heads: 2,
};
export const LARGE: { readonly layers: number; readonly hidden: number; readonly heads: number } = {
  layers: 4,
  hidden: 192,
  heads: 3,
};

export const SMALL_TRAINING: Omit<TrainingSettings, "seed"> = {
  batch: 32,
  steps: 400,
  learningRate: 2e-3,
  warmup: 40,
  evaluateEvery: 100,
};

/** A short training deserves a short growth: see docs/operator-recipe.md. */
export const GROWTH: Omit<GrowthSettings, "seed"> = {
  method: "ligo",
  steps: 20,
  batch: 32,
  learningRate: 3e-2,
  warmup: 2,
};

export const LARGE_TRAINING: Omit<TrainingSettings, "seed"> = {
  batch: 32,
  steps: 500,
  learningRate: 1e-3,
  warmup: 50,
  evaluateEvery: 25,
};
