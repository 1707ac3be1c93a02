import * as tf from "@ligo/tfjs";
import { runFused } from "./fused-kernel.js";

/**
 * x itself, of any shape, marked as an activation to keep: where a step computes activations anew in its backward pass, it starts from
 * these. Models mark what goes from layer to layer. Where no gradient is taken (a teacher, an evaluation), nothing is kept
 * for one, and nothing is marked.
 */
export function checkpoint<T extends tf.Tensor>(x: T): T {
  if (tf.engine().state.gradientDepth === 0) return x;
  const operation = tf.customGrad((...inputs) => {
    const [a] = inputs as [tf.Tensor];
    return {
      value: runFused("LigoCheckpoint", { x: a })?.[0] ?? a.clone(),
      gradFunc: (dy: tf.Tensor) => dy,
    };
  });
  return operation(x) as T;
}
