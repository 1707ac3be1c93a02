import * as tf from "@ligo/tfjs";
import { EngineError } from "../engine-error.js";
import {
  elementType,
  type KernelCall,
  type RecordingKernel,
  type TraceContext,
} from "./context.js";
import { createGraph, type ElementType, type Graph, type Value } from "./graph.js";
import { elementwiseKernels } from "./kernels/elementwise.js";
import { fusedKernels } from "./kernels/fused.js";
import { gatherKernels } from "./kernels/gather.js";
import { matrixKernels } from "./kernels/matrix.js";
import { reduceKernels } from "./kernels/reduce.js";
import { reshape, shapeKernels } from "./kernels/shape.js";

export const TRACE_BACKEND = "ligo-trace";

/** A splat is worth looking for in constants of this many elements at most; larger constants are programming errors. */
const LARGEST_CONSTANT = 1 << 24;

/** The type under which TensorFlow.js knows a value. */
const TENSOR_TYPE: Readonly<Record<ElementType, tf.DataType>> = {
  float32: "float32",
  float16: "float32",
  int32: "int32",
  int64: "int32",
  bool: "bool",
};

const unreadable = (): EngineError =>
  new EngineError(
    "engine/traced-read",
    "A traced step read a tensor's values. A step must be built from TensorFlow.js ops alone: no data(), dataSync(), arraySync() or randomness of TensorFlow.js.",
  );

/** A TensorFlow.js backend that computes nothing: its kernels append operations to a graph. */
class TraceBackend extends tf.KernelBackend {
  graph: Graph = createGraph();
  private values = new WeakMap<object, Value>();

  readonly context: TraceContext = {
    graph: this.graph,
    checkpoints: [],
    value: (tensor) => {
      const value = this.values.get(tensor.dataId);
      if (!value) {
        throw new EngineError(
          "engine/foreign-tensor",
          `A traced step used a tensor of shape [${tensor.shape.join()}] that was made outside of it. Declare it as input, state or frozen.`,
        );
      }
      return value;
    },
    tensor: (value, dtype) => {
      const dataId = {};
      this.values.set(dataId, value);
      return {
        dataId,
        shape: [...value.shape],
        dtype: dtype ?? TENSOR_TYPE[value.type],
      };
    },
  };

  /** Starts a new graph. */
  reset(): void {
    this.graph = createGraph();
    (this.context as { graph: Graph }).graph = this.graph;
    this.context.checkpoints.length = 0;
    this.values = new WeakMap();
  }

  override write(
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
  ): object {
    const type = elementType(dtype);
    if (!type || !values || values.length > LARGEST_CONSTANT) {
      throw new EngineError(
        "engine/constant",
        `A traced step made a constant of type ${dtype} and shape [${shape.join()}], which it cannot hold.`,
      );
    }
    const numbers = values as Float32Array | Int32Array | Uint8Array;
    const first = numbers[0] ?? 0;
    const isSplat = numbers.length > 0 && numbers.every((number) => Object.is(number, first));
    const dense = (): Float32Array | Int32Array | Uint8Array =>
      type === "float32"
        ? Float32Array.from(numbers)
        : type === "int32"
          ? Int32Array.from(numbers)
          : Uint8Array.from(numbers);
    const value = isSplat
      ? this.graph.splat(first, shape, type)
      : this.graph.constant(dense(), shape);
    return this.context.tensor(value).dataId;
  }

  override move(): void {
    throw new EngineError(
      "engine/foreign-tensor",
      "A traced step used a tensor of another backend. Declare it as input, state or frozen.",
    );
  }
  override readSync(): never {
    throw unreadable();
  }
  override read(): never {
    throw unreadable();
  }
  override disposeData(): boolean {
    return true;
  }
  override refCount(): number {
    return 1;
  }
  override incRef(): void {}
  override numDataIds(): number {
    return 0;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override floatPrecision(): 16 | 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override timerAvailable(): boolean {
    return false;
  }
  override dispose(): void {}
}

let backend: TraceBackend | undefined;

/** Registers the backend and its kernels with TensorFlow.js, once per process. */
export function traceBackend(): TraceBackend {
  if (backend) return backend;
  const made = new TraceBackend();
  backend = made;
  tf.registerBackend(TRACE_BACKEND, () => made, 0);
  const kernels: Record<string, RecordingKernel> = {
    ...elementwiseKernels,
    ...matrixKernels(reshape),
    ...shapeKernels,
    ...reduceKernels,
    ...gatherKernels,
    ...fusedKernels,
  };
  for (const [kernelName, record] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName: TRACE_BACKEND,
      kernelFunc: ({ inputs, attrs }) =>
        record(made.context, {
          inputs: inputs as unknown as KernelCall["inputs"],
          attributes: attrs ?? {},
        }),
    });
  }
  return made;
}
