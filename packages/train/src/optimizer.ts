import type * as tf from "@tensorflow/tfjs";
import { adamW, type AdamWOptions, type Slot, type UpdatedSlots } from "./adamw.js";
import { lamb } from "./lamb.js";

export const OPTIMIZER_NAMES = ["adamw", "lamb"] as const;

/** How gradients become updates. */
export type OptimizerName = (typeof OPTIMIZER_NAMES)[number];

export interface OptimizerOptions extends AdamWOptions {
  /** Default `adamw`. Both have the same settings, and keep the same two moments. */
  readonly name?: OptimizerName | undefined;
}

/** One update of all tensors. */
export function optimise(
  slots: readonly Slot[],
  learningRate: tf.Scalar,
  step: tf.Scalar,
  { name = "adamw", ...options }: OptimizerOptions = {},
): UpdatedSlots {
  return (name === "lamb" ? lamb : adamW)(slots, learningRate, step, options);
}
