import type { GrowSettings, TrainSettings } from "@ligo/sdk";
import { size, type Size } from "./experiments/models.js";

/** Schedule of a training. */
export type TrainingSchedule = Pick<TrainSettings, "learningRate" | "warmup"> & {
  readonly batch: number;
  readonly steps: number;
  readonly evaluateEvery: number;
};

/** Start and schedule of an operator. */
export type GrowthSchedule = Pick<
  GrowSettings,
  "batch" | "learningRate" | "warmup" | "perturbation"
> & { readonly steps: number };

/** Sizes and schedules of a quickstart. */
export interface QuickstartRecipe {
  /** Tokens of a sequence. */
  readonly sequence: number;
  /** Word pieces of the tokenizer that is made on the spot. */
  readonly vocabulary: number;
  /** Blocks that all models are judged by, about: as many tokens are held out. */
  readonly heldOut: number;
  readonly small: Size;
  readonly large: Size;
  readonly smallTraining: TrainingSchedule;
  readonly growth: GrowthSchedule;
  /** Schedule of the grown model, and of the same architecture from scratch. */
  readonly largeTraining: TrainingSchedule;
}

/** The growth factors of BERT-Small -> BERT-Base, at a size two cores can train in minutes. */
export const QUICKSTART: QuickstartRecipe = {
  sequence: 64,
  vocabulary: 2048,
  heldOut: 128,
  small: size(2, 128, 2),
  large: size(4, 192, 3),
  smallTraining: { batch: 32, steps: 400, learningRate: 2e-3, warmup: 40, evaluateEvery: 100 },
  // the defaults of `ligo grow`, in fewer and smaller steps: the training after it is short, too (docs/research/operator-recipe.md)
  growth: { perturbation: 0.02, steps: 20, batch: 8, learningRate: 3e-2, warmup: 2 },
  largeTraining: { batch: 32, steps: 500, learningRate: 1e-3, warmup: 50, evaluateEvery: 25 },
};
