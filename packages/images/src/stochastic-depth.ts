import type { Random } from "@ligo/core";
import { checkInteger, checkNumber } from "./options.js";

/** Options of stochastic depth (Huang et al. 2016). */
export interface StochasticDepth {
  /** Layers of the model. */
  readonly layers: number;
  /** Chance that the last layer is left out for an image; it grows linearly from 0 at the first. DeiT: 0.1. */
  readonly rate: number;
}

/** Throws `images/bad-option`. */
export function checkStochasticDepth({ layers, rate }: StochasticDepth): void {
  checkInteger("layers", layers, 1);
  if (rate !== 0) checkNumber("rate", rate, 0, 0.99);
}

/** Factors [layers, batch] on what a layer adds: 0 where it is left out, 1 / (1 - chance) where it is not. */
export function drawStochasticDepth(
  { layers, rate }: StochasticDepth,
  batch: number,
  random: Random,
): Float32Array {
  const factors = new Float32Array(layers * batch);
  for (let layer = 0; layer < layers; layer++) {
    const chance = layers > 1 ? (rate * layer) / (layers - 1) : rate;
    for (let row = 0; row < batch; row++) {
      factors[layer * batch + row] = random.uniform() < chance ? 0 : 1 / (1 - chance);
    }
  }
  return factors;
}
