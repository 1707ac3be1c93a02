import type { Masks } from "@ligo/engine";
import type { DropoutMasks } from "@ligo/nn";
import type { TrainingProgramOptions } from "./training-program.js";

/** Dropout while training. Its masks depend on the seed, the update and the place in the network, and on nothing else. */
export interface DropoutOptions {
  /** A safe integer. */
  readonly seed: number;
  /** Replaces every rate of the model's config: 0 drops nothing. Default: the config's rates. */
  readonly rate?: number | undefined;
}

/** The seed of a program with such dropout. */
export function seedOf(dropout: DropoutOptions | undefined): Pick<TrainingProgramOptions, "seed"> {
  return dropout === undefined || dropout.rate === 0 ? {} : { seed: dropout.seed };
}

/** Source of the masks of a forward pass with such dropout. */
export function masksOf(
  dropout: DropoutOptions | undefined,
  masks: Masks,
): DropoutMasks | undefined {
  if (dropout === undefined || dropout.rate === 0) return undefined;
  return { keep: (shape, rate) => masks.keep(shape, rate), rate: dropout.rate };
}
