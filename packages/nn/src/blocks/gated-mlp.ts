import type * as tf from "@ligo/tfjs";
import type { Parameters } from "../parameters.js";
import { project } from "./named-layers.js";

/** Names of the linear layers of a gated MLP. */
export interface GatedMlpNames {
  readonly gate: string;
  readonly up: string;
  readonly down: string;
}

/** down(activation(gate(x)) * up(x)) (Shazeer, 2020): x [rows, n] to the same, `gate` and `up` [rows, mlp] within. */
export function gatedMlp(
  p: Parameters,
  { gate, up, down }: GatedMlpNames,
  x: tf.Tensor2D,
  activation: (x: tf.Tensor2D) => tf.Tensor2D,
): tf.Tensor2D {
  const gated = activation(project(p, gate, x, { readers: 2 }));
  return project(p, down, gated.mul<tf.Tensor2D>(project(p, up, x, { readers: 2 })));
}
