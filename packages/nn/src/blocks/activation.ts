import type { ActivationName } from "@ligo/core/layout";
import * as tf from "@ligo/tfjs";
import { gelu } from "./gelu.js";

const sigmoidGate = <T extends tf.Tensor>(x: T, slope: number): T =>
  x.mul<T>(x.mul(slope).sigmoid());

/** max(0, min(x, 6)). */
const relu6 = <T extends tf.Tensor>(x: T): T => tf.relu(x).minimum(6);

/**
 * ln(1 + e^x), without overflow, and to all digits where it is small: ln(1 + e) = 2 artanh(s) with s = e / (2 + e) at most 1/3 for
 * e = exp(-|x|), of whose series seven terms leave 1e-8.
 */
function softplus<T extends tf.Tensor>(x: T): T {
  const operation = tf.customGrad((...inputs) => {
    const [a, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    const e = a.abs().neg().exp();
    const s = e.div(e.add(2));
    const square = s.square();
    let series: tf.Tensor = square.mul(1 / 13).add(1 / 11);
    for (const odd of [9, 7, 5, 3, 1]) series = series.mul(square).add(1 / odd);
    const value = tf.relu(a).add(s.mul(2).mul(series));
    save([a.sub(value)]);
    // the slope, a sigmoid, is exp(x - softplus(x))
    return { value, gradFunc: (dy, saved) => dy.mul((saved[0] as tf.Tensor).exp()) };
  });
  return operation(x) as T;
}

const ACTIVATIONS: Readonly<Record<ActivationName, <T extends tf.Tensor>(x: T) => T>> = {
  gelu: (x) => gelu(x, "erf"),
  gelu_python: (x) => gelu(x, "erf"),
  gelu_new: (x) => gelu(x, "tanh"),
  gelu_pytorch_tanh: (x) => gelu(x, "tanh"),
  gelu_python_tanh: (x) => gelu(x, "tanh"),
  gelu_fast: (x) => gelu(x, "tanh"),
  gelu_accurate: (x) => gelu(x, "tanh"),
  gelu_10: (x) => gelu(x, "erf").maximum<typeof x>(-10).minimum(10),
  quick_gelu: (x) => sigmoidGate(x, 1.702),
  hardswish: <T extends tf.Tensor>(x: T) => relu6(x.add<T>(3)).mul<T>(x.mul(1 / 6)),
  // Ma et al., 2022 (MEGA): an error function about 1/sqrt(2), with deviation 1/sqrt(4 pi)
  laplace: <T extends tf.Tensor>(x: T) =>
    x
      // oxlint-disable-next-line oxc/approx-constant -- the six digits of transformers
      .sub(0.707107)
      .mul(1 / (0.282095 * Math.SQRT2))
      .erf()
      .add(1)
      .mul<T>(0.5),
  leaky_relu: <T extends tf.Tensor>(x: T) => tf.relu(x).sub<T>(tf.relu(x.neg()).mul(0.01)),
  linear: (x) => x,
  mish: <T extends tf.Tensor>(x: T) => x.mul<T>(softplus(x).tanh()),
  relu: (x) => tf.relu(x),
  relu2: (x) => tf.relu(x).square(),
  relu6,
  sigmoid: (x) => tf.sigmoid(x),
  silu: (x) => sigmoidGate(x, 1),
  sqrtsoftplus: (x) => softplus(x).sqrt(),
  swish: (x) => sigmoidGate(x, 1),
  tanh: (x) => tf.tanh(x),
};

/** An activation by the name Hugging Face gives it in a `config.json`, element by element: any shape to the same. */
export function activate<T extends tf.Tensor>(x: T, name: ActivationName): T {
  return ACTIVATIONS[name](x);
}
