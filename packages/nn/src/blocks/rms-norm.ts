import * as tf from "@ligo/tfjs";
import { asTensor, type Parameters } from "../parameters.js";

/**
 * y = gain x / sqrt(mean(x^2) + epsilon) over the last axis (Zhang & Sennrich, 2019), with closed-form gradients.
 *
 * @param x [rows, n]
 * @param gain [n]
 * @returns [rows, n]
 */
export function rmsNorm(x: tf.Tensor2D, gain: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const [a, g, save] = inputs as unknown as [tf.Tensor2D, tf.Tensor1D, tf.GradSaveFunc];
    const inverse = tf.rsqrt(a.square().mean<tf.Tensor2D>(1, true).add<tf.Tensor2D>(epsilon));
    save([a, g, inverse]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [savedX, savedGain, savedInverse] = saved as [tf.Tensor2D, tf.Tensor1D, tf.Tensor2D];
      const product = dy.mul<tf.Tensor2D>(savedX);
      // mean(dy gain x) = (product . gain) / n, one product instead of a pass and a reduction
      const meanProduct = tf.matMul(product, savedGain.as2D(-1, 1)).mul(1 / savedGain.size);
      const share = meanProduct.mul(savedInverse.square());
      const dx = dy.mul(savedGain).sub(savedX.mul(share)).mul(savedInverse);
      return [dx, tf.matMul(savedInverse.as2D(1, -1), product).as1D()];
    };
    return { value: a.mul(inverse).mul(g), gradFunc };
  });
  return operation(x, gain) as tf.Tensor2D;
}

/** Options of {@link rmsNormalise}. */
export interface RmsNormOptions {
  readonly epsilon: number;
  /** Added to the stored `weight`: 1 where a checkpoint stores the gain less one (Gemma). Default 0. */
  readonly offset?: number;
}

/** The RMS norm `name`: its `weight` [n]. x and the result are [rows, n]. */
export function rmsNormalise(
  p: Parameters,
  name: string,
  x: tf.Tensor2D,
  { epsilon, offset = 0 }: RmsNormOptions,
): tf.Tensor2D {
  const stored = asTensor<tf.Tensor1D>(p.get(`${name}.weight`));
  return rmsNorm(x, offset === 0 ? stored : stored.add<tf.Tensor1D>(offset), epsilon);
}
