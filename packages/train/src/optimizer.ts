import type * as tf from "@ligo/tfjs";
import { adamW, type Slot } from "./adamw.js";
import { lamb } from "./lamb.js";
import { muon, type MatrixSlot, type MuonOptions, type MuonUpdated } from "./muon.js";

export const OPTIMIZER_NAMES = ["adamw", "lamb", "muon"] as const;

/** How gradients become updates. */
export type OptimizerName = (typeof OPTIMIZER_NAMES)[number];

export interface OptimizerOptions extends MuonOptions {
  /**
   * Default `adamw`. All have the same settings, and keep the same two moments, but for the matrices that `muon` moves: these
   * have a first moment alone, which decays by `momentum`.
   */
  readonly name?: OptimizerName | undefined;
}

/** One update of all tensors; those of which Muon keeps no second moment come and go without one. */
export function optimise(
  slots: readonly (Slot | MatrixSlot)[],
  learningRate: tf.Scalar,
  step: tf.Scalar,
  { name = "adamw", ...options }: OptimizerOptions = {},
): { updated: readonly MuonUpdated[]; gradientNorm: tf.Scalar } {
  if (name === "muon") return muon(slots, learningRate, step, options);
  // only Muon is given matrices
  return (name === "lamb" ? lamb : adamW)(slots as readonly Slot[], learningRate, step, options);
}
