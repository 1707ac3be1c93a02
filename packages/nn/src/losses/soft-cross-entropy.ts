import * as tf from "@ligo/tfjs";

/**
 * Mean over rows of -sum over classes of target * log softmax(logits), with closed-form gradient
 * (softmax * sum of the target - target) / rows.
 *
 * @param logits [rows, classes]
 * @param targets [rows, classes], a distribution per row; no gradient goes there
 */
export function softCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  const operation = tf.customGrad((...inputs) => {
    const [z, save] = inputs as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const shifted = z.sub(z.max(1, true));
    const exponential = shifted.exp();
    const total = exponential.sum(1, true);
    const mass = targets.sum(1, true);
    const value = total
      .log()
      .mul(mass)
      .sub(shifted.mul(targets).sum(1, true))
      .sum()
      .mul(1 / z.shape[0]);
    save([exponential, total.reciprocal().mul(mass), targets]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [e, scale, target] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      return e
        .mul(scale)
        .sub(target)
        .mul(dy.mul(1 / e.shape[0]));
    };
    return { value, gradFunc };
  });
  return operation(logits) as tf.Scalar;
}
