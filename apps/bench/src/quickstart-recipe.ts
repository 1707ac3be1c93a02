import type { TrainingSettings } from "./arms.js";
import type { GrowthSettings } from "./growth.js";

export interface ModelSize {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
}

/** Sizes and schedules of a quickstart. */
export interface QuickstartRecipe {
  /** Tokens of a sequence. */
  readonly sequence: number;
  /** Word pieces of the tokenizer that is made on the spot. */
  readonly vocabulary: number;
  /** Blocks that all models are judged by. */
  readonly heldOut: number;
  readonly small: ModelSize;
  readonly large: ModelSize;
  readonly smallTraining: Omit<TrainingSettings, "seed">;
  readonly growth: Omit<GrowthSettings, "seed">;
  /** Of the grown model and of the same architecture from scratch. */
  readonly largeTraining: Omit<TrainingSettings, "seed">;
}

/** The growth factors of BERT-Small -> BERT-Base, at a size two cores can train in minutes. */
export const QUICKSTART: QuickstartRecipe = {
  sequence: 64,
  vocabulary: 2048,
  heldOut: 128,
  small: { layers: 2, hidden: 128, heads: 2 },
  large: { layers: 4, hidden: 192, heads: 3 },
  smallTraining: { batch: 32, steps: 400, learningRate: 2e-3, warmup: 40, evaluateEvery: 100 },
  // what `ligo grow` does, in fewer and smaller steps: the training after it is short, too (docs/operator-recipe.md)
  growth: {
    method: "ligo",
    start: { perturbation: 0.02 },
    steps: 20,
    batch: 8,
    learningRate: 3e-2,
    warmup: 2,
  },
  largeTraining: { batch: 32, steps: 500, learningRate: 1e-3, warmup: 50, evaluateEvery: 25 },
};
