import type { ActivationName } from "@ligo/core";
import * as tf from "@tensorflow/tfjs";
import { gelu } from "./gelu.js";

const sigmoidGate = <T extends tf.Tensor>(x: T, slope: number): T =>
  x.mul<T>(x.mul(slope).sigmoid());

const ACTIVATIONS: Readonly<Record<ActivationName, <T extends tf.Tensor>(x: T) => T>> = {
  gelu: (x) => gelu(x, "erf"),
  gelu_python: (x) => gelu(x, "erf"),
  gelu_new: (x) => gelu(x, "tanh"),
  gelu_pytorch_tanh: (x) => gelu(x, "tanh"),
  gelu_fast: (x) => gelu(x, "tanh"),
  gelu_accurate: (x) => gelu(x, "tanh"),
  quick_gelu: (x) => sigmoidGate(x, 1.702),
  relu: (x) => tf.relu(x),
  silu: (x) => sigmoidGate(x, 1),
  swish: (x) => sigmoidGate(x, 1),
  tanh: (x) => tf.tanh(x),
};

/** An activation by the name Hugging Face gives it in a `config.json`, element by element: any shape to the same. */
export function activate<T extends tf.Tensor>(x: T, name: ActivationName): T {
  return ACTIVATIONS[name](x);
}
