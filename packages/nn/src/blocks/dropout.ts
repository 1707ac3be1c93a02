import * as tf from "@ligo/tfjs";
import { runFused } from "./fused-kernel.js";
import type { Parameters } from "../parameters.js";

/** A mask and what is left of it. */
export interface Drawn {
  /** True where a number is kept. */
  readonly mask: tf.Tensor;
  /** 1 / the chance of that. */
  readonly scale: number;
}

/** The next mask of a training step with dropout, of this shape; `undefined` where nothing is dropped. */
export function drawMask(
  { dropout: masks }: Parameters,
  shape: readonly number[],
  rate: number,
): Drawn | undefined {
  const chance = masks?.rate ?? rate;
  if (masks === undefined || chance === 0) return undefined;
  return { mask: masks.keep(shape, chance), scale: 1 / (1 - chance) };
}

/** x times `scale` where the mask (of the same shape) is true, else 0. Not differentiable by itself. */
export function maskOut<T extends tf.Tensor>(x: T, mask: tf.Tensor, scale: number): T {
  const fused = runFused("LigoDropout", { x, mask }, { scale })?.[0];
  return (fused ?? x.mul(mask.toFloat()).mul(scale)) as T;
}

/**
 * Dropout (Srivastava et al., 2014), inverted: every number of x, of any shape, is 0 with probability `rate` and divided by 1 - `rate`
 * otherwise. x itself outside a training step with dropout, or with a rate of 0.
 */
export function dropout<T extends tf.Tensor>(p: Parameters, x: T, rate: number): T {
  const drawn = drawMask(p, x.shape, rate);
  if (drawn === undefined) return x;
  const { mask, scale } = drawn;
  const operation = tf.customGrad((...inputs) => {
    const [a, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    save([mask]);
    return {
      value: maskOut(a, mask, scale),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => maskOut(dy, saved[0] as tf.Tensor, scale),
    };
  });
  return operation(x) as T;
}
