import * as tf from "@ligo/tfjs";
import { runFused } from "../blocks/fused-kernel.js";

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
  const weight = counted.div(counted.sum().maximum(1)).as2D(-1, 1);
  // an ignored label picks class 0, with weight 0
  const columns = labels.maximum<tf.Tensor1D>(tf.scalar(0, "int32"));
  const operation = tf.customGrad((...inputs) => {
    const [z, save] = inputs as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const largest = z.max<tf.Tensor2D>(1, true);
    const exponential = z.sub(largest).exp();
    const total = exponential.sum(1, true);
    const picked = pickColumns(z, columns).sub(largest);
    const value = total.log().sub(picked).mul(weight).sum();
    save([exponential, total, columns, weight]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [e, sum, picks, rowWeight] = saved as [
        tf.Tensor2D,
        tf.Tensor2D,
        tf.Tensor1D,
        tf.Tensor2D,
      ];
      const scale = rowWeight.mul<tf.Tensor2D>(dy);
      return addToColumns(e.mul(scale.div(sum)), picks, scale.neg());
    };
    return { value, gradFunc };
  });
  return operation(logits) as tf.Scalar;
}

/** Number of labels, of any shape, that are not {@link IGNORED_LABEL}. */
export function countLabels(labels: tf.Tensor): tf.Scalar {
  return labels.notEqual(IGNORED_LABEL).toFloat().sum();
}

/** x[row, columns[row]] of every row: [rows, 1]. */
function pickColumns(x: tf.Tensor2D, columns: tf.Tensor1D): tf.Tensor2D {
  const fused = runFused("LigoPickColumns", { x, columns })?.[0];
  return (fused ??
    x.mul(tf.oneHot(columns, x.shape[1], 1, 0, "float32")).sum(1, true)) as tf.Tensor2D;
}

/** x with `updates` [rows, 1] added at x[row, columns[row]]. */
function addToColumns(x: tf.Tensor2D, columns: tf.Tensor1D, updates: tf.Tensor2D): tf.Tensor2D {
  const fused = runFused("LigoAddToColumns", { x, columns, updates })?.[0];
  return (fused ??
    x.add(tf.oneHot(columns, x.shape[1], 1, 0, "float32").mul(updates))) as tf.Tensor2D;
}
