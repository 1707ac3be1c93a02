import * as tf from "@tensorflow/tfjs";
import { runFused } from "./fused-kernel.js";

/** `erf`: x Phi(x) exactly; `tanh`: the approximation GPT-2 was trained with (`gelu_new`). */
export type GeluKind = "erf" | "tanh";

const TANH_SCALE = Math.sqrt(2 / Math.PI);
const TANH_CUBIC = 0.044715;

/** The Gaussian error linear unit, element by element, with a closed-form gradient. */
export function gelu<T extends tf.Tensor>(x: T, kind: GeluKind = "erf"): T {
  const operation = tf.customGrad((...inputs) => {
    const [a, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    save([a]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor =>
      kind === "erf"
        ? erfGradient(dy, saved[0] as tf.Tensor)
        : dy.mul(tanhSlope(saved[0] as tf.Tensor));
    return { value: kind === "erf" ? erfGelu(a) : tanhGelu(a), gradFunc };
  });
  return operation(x) as T;
}

function erfGelu(x: tf.Tensor): tf.Tensor {
  return runFused("LigoGelu", { x })?.[0] ?? x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1));
}

/**
 * dy (Phi(x) + x phi(x)), Phi and phi the distribution and the density of the standard normal. The factor 1/2 of Phi
 * stands with dy, where an engine folds it into the product that dy comes from.
 */
function erfGradient(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const twicePhi = x.mul(Math.SQRT1_2).erf().add(1);
  const gaussian = x.mul(x.mul(-0.5)).exp();
  return dy.mul(0.5).mul(twicePhi.add(x.mul(gaussian).mul(Math.sqrt(2 / Math.PI))));
}

const tanhArgument = (x: tf.Tensor): tf.Tensor =>
  x.mul(
    x
      .square()
      .mul(TANH_CUBIC * TANH_SCALE)
      .add(TANH_SCALE),
  );

function tanhGelu(x: tf.Tensor): tf.Tensor {
  return x.mul(0.5).mul(tanhArgument(x).tanh().add(1));
}

function tanhSlope(x: tf.Tensor): tf.Tensor {
  const t = tanhArgument(x).tanh();
  const inner = x
    .square()
    .mul(3 * TANH_CUBIC * TANH_SCALE)
    .add(TANH_SCALE);
  return t
    .add(1)
    .mul(0.5)
    .add(x.mul(0.5).mul(t.square().mul(-1).add(1)).mul(inner));
}
