import * as tf from "@ligo/tfjs";
import { runFused } from "./fused-kernel.js";

/** `erf`: x Phi(x) exactly; `tanh`: the approximation GPT-2 was trained with (`gelu_new`). */
export type GeluKind = "erf" | "tanh";

const TANH_SCALE = Math.sqrt(2 / Math.PI);
const TANH_CUBIC = 0.044715;

/** The Gaussian error linear unit, element by element (any shape to the same), with a closed-form gradient. */
export function gelu<T extends tf.Tensor>(x: T, kind: GeluKind = "erf"): T {
  const operation = tf.customGrad((...inputs) => {
    const [a, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    if (kind === "tanh") {
      save([a]);
      return {
        value: tanhGelu(a),
        gradFunc: (dy, saved) => dy.mul(tanhSlope(saved[0] as tf.Tensor)),
      };
    }
    const [value, twiceSlope] = runFused("LigoGelu", { x: a }) ?? [erfGelu(a)];
    save([twiceSlope ?? a]);
    // The factor 1/2 stands with dy, where an engine folds it into the product that dy comes from.
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]): tf.Tensor =>
      dy.mul(0.5).mul(twiceSlope ? (saved as tf.Tensor) : erfTwiceSlope(saved as tf.Tensor));
    return { value: value as tf.Tensor, gradFunc };
  });
  return operation(x) as T;
}

function erfGelu(x: tf.Tensor): tf.Tensor {
  return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1));
}

/** 2 (Phi(x) + x phi(x)), Phi and phi the distribution and the density of the standard normal. */
function erfTwiceSlope(x: tf.Tensor): tf.Tensor {
  const twicePhi = x.mul(Math.SQRT1_2).erf().add(1);
  const gaussian = x.mul(x.mul(-0.5)).exp();
  return twicePhi.add(x.mul(gaussian).mul(Math.sqrt(2 / Math.PI)));
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
