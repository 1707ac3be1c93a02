import * as tf from "@ligo/tfjs";

/** The slices of the first axis. The gradient of TensorFlow.js' own op fails where there is only one. */
export function unstack(x: tf.Tensor): tf.Tensor[] {
  return x.shape[0] === 1 ? [x.reshape(x.shape.slice(1))] : tf.unstack(x);
}
