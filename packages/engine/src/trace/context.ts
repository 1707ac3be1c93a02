import type * as tf from "@ligo/tfjs";
import { EngineError } from "../engine-error.js";
import type { ElementType, Graph, Value } from "./graph.js";

/** Graph of a recording kernel, and its tensors: `TensorInfo` for TensorFlow.js, `Value`s in the graph. */
export interface TraceContext {
  readonly graph: Graph;
  /** The graph value behind a tensor. */
  value(tensor: tf.TensorInfo): Value;
  /** Values a model marked as worth keeping for the backward pass, in order. */
  readonly checkpoints: Value[];
  /** A new tensor for a graph value. */
  tensor(value: Value, dtype?: tf.DataType): tf.TensorInfo;
}

/** Inputs and attributes of one TensorFlow.js kernel call. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>> & readonly tf.TensorInfo[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Records what one TensorFlow.js kernel would compute. */
export type RecordingKernel = (
  context: TraceContext,
  call: KernelCall,
) => tf.TensorInfo | tf.TensorInfo[];

export const elementType = (dtype: tf.DataType): ElementType | undefined =>
  dtype === "float32" || dtype === "int32" || dtype === "bool" ? dtype : undefined;

/** The broadcast shape of two shapes (NumPy rules). Throws `engine/shape` where there is none. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new EngineError(
        "engine/shape",
        `A traced step combines shapes [${a.join()}] and [${b.join()}], which do not broadcast.`,
      );
    }
    return left === 1 ? right : left;
  });
}

export const integers = (values: readonly number[]): BigInt64Array =>
  BigInt64Array.from(values, BigInt);
