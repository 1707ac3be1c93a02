import type { MaskedLmHeadNames, WeightStorage } from "@ligo/core/layout";
import * as tf from "@ligo/tfjs";
import { layerNorm } from "./layer-norm.js";
import { asTensor, conv1d, dense, type Parameters } from "../parameters.js";

/** Options of {@link project}. */
export interface ProjectOptions {
  /** How many layers read this same x. Default 1. */
  readonly readers?: number;
  /** How the weight is stored. Default `out-in`. */
  readonly storage?: WeightStorage;
}

/** The linear layer `name`: its `weight`, and its `bias` where the layout has one. [rows, in] to [rows, out]. */
export function project(
  p: Parameters,
  name: string,
  x: tf.Tensor2D,
  { readers = 1, storage = "out-in" }: ProjectOptions = {},
): tf.Tensor2D {
  const bias = p.has(`${name}.bias`) ? p.get(`${name}.bias`) : undefined;
  const product = storage === "out-in" ? dense : conv1d;
  return product(x, p.get(`${name}.weight`), bias, readers);
}

/** The layer norm `name`: its `weight` [n] and, where the layout has one, `bias` [n]. x and the result are [rows, n]. */
export function normalise(
  p: Parameters,
  name: string,
  x: tf.Tensor2D,
  epsilon: number,
): tf.Tensor2D {
  const gain = asTensor<tf.Tensor1D>(p.get(`${name}.weight`));
  const bias: tf.Tensor1D = p.has(`${name}.bias`)
    ? asTensor(p.get(`${name}.bias`))
    : tf.zeros(gain.shape);
  return layerNorm(x, gain, bias, epsilon);
}

/** Options of {@link maskedLmLogits}. */
export interface MaskedLmHeadOptions {
  readonly activation: (x: tf.Tensor2D) => tf.Tensor2D;
  readonly epsilon: number;
  /** The embedding table the readout is tied to, if it is. */
  readonly tiedTo?: string | undefined;
}

/** Logits [rows, vocabulary] of a masked language model from hidden states [rows, n]. */
export function maskedLmLogits(
  p: Parameters,
  names: MaskedLmHeadNames,
  hidden: tf.Tensor2D,
  { activation, epsilon, tiedTo }: MaskedLmHeadOptions,
): tf.Tensor2D {
  const transformed = activation(project(p, names.dense, hidden));
  return dense(
    normalise(p, names.norm, transformed, epsilon),
    p.get(tiedTo ?? `${names.decoder}.weight`),
    p.get(tiedTo === undefined ? `${names.decoder}.bias` : names.bias),
  );
}
