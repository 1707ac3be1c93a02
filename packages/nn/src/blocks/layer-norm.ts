import * as tf from "@ligo/tfjs";
import { runFused } from "./fused-kernel.js";
import { sumRows } from "./linear.js";

/**
 * y = gain (x - mean) / sqrt(variance + epsilon) + bias over the last axis, with closed-form gradients.
 *
 * @param x [rows, n]
 * @param gain [n]
 * @param bias [n]
 * @returns [rows, n]
 */
export function layerNorm(
  x: tf.Tensor2D,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon: number,
): tf.Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const [a, g, b, save] = inputs as unknown as [
      tf.Tensor2D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const [value, mean, inverse] = normalise(a, g, b, epsilon);
    save([a, g, mean, inverse]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [savedX, savedGain, savedMean, savedInverse] = saved as [
        tf.Tensor2D,
        tf.Tensor1D,
        tf.Tensor2D,
        tf.Tensor2D,
      ];
      // Not divided by the deviation, which would be a pass: that goes into the factors of sums over it.
      const centred = savedX.sub<tf.Tensor2D>(savedMean);
      const scaled = dy.mul<tf.Tensor2D>(savedGain);
      const meanScaled = scaled.mean(1, true);
      const product = dy.mul<tf.Tensor2D>(centred);
      // mean(scaled * centred) = (product . gain) / n, one product instead of a pass and a reduction
      const meanProduct = tf.matMul(product, savedGain.as2D(-1, 1)).mul(1 / savedGain.size);
      const share = meanProduct.mul(savedInverse.square());
      const dx = scaled.sub(meanScaled).sub(centred.mul(share)).mul(savedInverse);
      return [dx, tf.matMul(savedInverse.as2D(1, -1), product).as1D(), sumRows(dy as tf.Tensor2D)];
    };
    return { value, gradFunc };
  });
  return operation(x, gain, bias);
}

function normalise(
  x: tf.Tensor2D,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  epsilon: number,
): [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] {
  const fused = runFused("LigoLayerNormalization", { x, gain, bias }, { epsilon });
  if (fused) return fused as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const mean = x.mean<tf.Tensor2D>(1, true);
  const centred = x.sub(mean);
  const variance = centred.square().mean<tf.Tensor2D>(1, true).add<tf.Tensor2D>(epsilon);
  const inverse = tf.rsqrt(variance);
  return [centred.mul(inverse).mul(gain).add<tf.Tensor2D>(bias), mean, inverse];
}
