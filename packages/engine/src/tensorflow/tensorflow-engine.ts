import * as tf from "@ligo/tfjs";
import { checkState, checkValues } from "../check-values.js";
import { createDeviceMemory } from "../device-memory.js";
import { onDevice, type HeldCopies } from "../device-values.js";
import { toNumbers, toTensors } from "../eager-tensors.js";
import { requireFloat32 } from "../half-unsupported.js";
import type {
  CompiledProgram,
  Engine,
  Numbers,
  Program,
  ProgramValues,
  Tensors,
  TensorSpecs,
} from "../program.js";
import { withBackend } from "../with-backend.js";
import { loadNative, NATIVE_BACKEND, requireGpu, type TensorFlowDevice } from "./load-native.js";
import { eagerMasks } from "../random/masks.js";

export interface TensorFlowEngineOptions {
  /** `gpu` (default): refuses to compute where TensorFlow finds no GPU. `cpu`: computes on the CPU. */
  readonly device?: TensorFlowDevice;
}

/**
 * Runs programs operation by operation with TensorFlow's native library, on a GPU. State and frozen tensors stay on the
 * device from step to step. Throws `engine/tensorflow-missing`, `engine/tensorflow-library` and `engine/no-gpu`, each
 * with what to do about it.
 */
export async function createTensorFlowEngine({
  device = "gpu",
}: TensorFlowEngineOptions = {}): Promise<Engine> {
  // TensorFlow takes any GPU that it sees when it is loaded.
  if (device === "cpu") process.env["CUDA_VISIBLE_DEVICES"] = "-1";
  const native = await loadNative();
  if (device === "gpu") requireGpu(native);
  const name = device === "gpu" ? "tensorflow" : "tensorflow:cpu";
  return {
    name,
    async compile(program, values) {
      requireFloat32(program, name);
      checkValues(program, values);
      return bind(program, values);
    },
  };
}

/** The memory of TensorFlow, which all of its engines share. */
const memory = createDeviceMemory<tf.Tensor>({
  // the backend reads the array at first use, which must not see what the caller writes later
  upload: (array, shape) =>
    withBackend(NATIVE_BACKEND, () => tf.keep(tf.tensor(array.slice(), [...shape], "float32"))),
  download(copy, into) {
    into.set(copy.dataSync<"float32">());
  },
  release: (copy) => copy.dispose(),
});

/** Ties a program's state and frozen tensors to memory on the device. */
function bind(program: Program, values: ProgramValues): CompiledProgram {
  return {
    info: {
      operations: 0,
      matrixFlops: 0,
      compileSeconds: 0,
      inPlace: 0,
      copied: 0,
      device: memory.usage,
    },
    ...onDevice({
      memory,
      program,
      values,
      step: (held, inputs) =>
        withBackend(NATIVE_BACKEND, () => tf.tidy(() => step(program, held, inputs))),
    }),
  };
}

/** One step on the device: the new state, to be kept, and the outputs, which alone come back. */
function step(
  program: Program,
  held: HeldCopies<tf.Tensor>,
  inputs: Readonly<Record<string, Numbers>>,
): { next: Record<string, tf.Tensor>; results: Record<string, Numbers> } {
  const shaped = (specs: TensorSpecs, copies: Tensors): Tensors =>
    Object.fromEntries(
      Object.entries(specs).map(([name, { shape }]) => [
        name,
        tf.reshape(copies[name] as tf.Tensor, [...shape]),
      ]),
    );
  const built = program.build({
    state: shaped(program.state, held.state),
    frozen: shaped(program.frozen, held.frozen),
    inputs: toTensors(program.inputs, inputs),
    masks: eagerMasks(program, inputs),
  });
  const next = Object.entries(built.state ?? {});
  for (const [name, tensor] of next) checkState(program, name, tensor);
  const results = toNumbers(built.outputs);
  return {
    next: Object.fromEntries(next.map(([name, tensor]) => [name, tf.keep(tensor.clone())])),
    results,
  };
}
