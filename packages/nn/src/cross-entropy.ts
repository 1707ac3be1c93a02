import * as tf from "@tensorflow/tfjs";

/** Labels of this value do not count (the Hugging Face convention). */
export const IGNORED_LABEL = -100;

/**
 * Mean of -log softmax(logits)[label] over the rows whose label is not {@link IGNORED_LABEL} (0 if there are none), with
 * closed-form gradient (softmax - one-hot) / count.
 *
 * @param logits [rows, classes]
 * @param labels [rows], int32
 */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const counted = labels.notEqual(IGNORED_LABEL).toFloat();
  const count = counted.sum().maximum(1);
  const weight = counted.div(count).as2D(-1, 1);
  const target = tf.oneHot(labels, logits.shape[1], 1, 0, "float32");
  const operation = tf.customGrad((...inputs) => {
    const [z, save] = inputs as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const shifted = z.sub(z.max(1, true));
    const exponential = shifted.exp();
    const total = exponential.sum(1, true);
    const picked = shifted.mul(target).sum(1, true);
    const value = total.log().sub(picked).mul(weight).sum();
    save([exponential.div(total), target, weight]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [probabilities, oneHot, rowWeight] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      return probabilities.sub(oneHot).mul(rowWeight.mul(dy));
    };
    return { value, gradFunc };
  });
  return operation(logits) as tf.Scalar;
}
