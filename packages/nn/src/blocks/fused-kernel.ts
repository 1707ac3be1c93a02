import * as tf from "@ligo/tfjs";

/** A kernel of our own that a backend may run as one operation; model code spells it out elsewhere. */
export type FusedKernel =
  | "LigoCheckpoint"
  | "LigoDropout"
  | "LigoLayerNormalization"
  | "LigoGelu"
  | "LigoPickColumns"
  | "LigoAddToColumns";

/** Runs `kernel` if the active backend has it; `undefined` if it has not. */
export function runFused(
  kernel: FusedKernel,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attributes: Readonly<Record<string, number>> = {},
): tf.Tensor[] | undefined {
  if (!tf.getKernel(kernel, tf.getBackend())) return undefined;
  const result: tf.Tensor | tf.Tensor[] = tf
    .engine()
    .runKernel(kernel, { ...inputs }, { ...attributes });
  return Array.isArray(result) ? result : [result];
}
