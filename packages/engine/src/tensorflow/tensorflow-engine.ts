import * as tf from "@tensorflow/tfjs";
import { checkInputs, checkState, checkValues } from "../check-values.js";
import { EngineError } from "../engine-error.js";
import type {
  CompiledProgram,
  Engine,
  Numbers,
  Program,
  ProgramValues,
  TensorSpecs,
} from "../program.js";
import { withBackend } from "../with-backend.js";
import { deviceArray, type DeviceArray } from "./device-memory.js";
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
  return {
    name: device === "gpu" ? "tensorflow" : "tensorflow:cpu",
    async compile(program, values) {
      checkValues(program, values);
      return bind(program, values);
    },
  };
}

type Arrays = Readonly<Record<string, DeviceArray>>;

const arraysOf = (specs: TensorSpecs, data: ProgramValues["state"]): Arrays =>
  Object.fromEntries(
    Object.keys(specs).map((name) => [name, deviceArray(data[name] as Float32Array)]),
  );

/** Ties a program's state and frozen tensors to memory on the device. */
function bind(program: Program, values: ProgramValues): CompiledProgram {
  const state = arraysOf(program.state, values.state);
  const frozen = arraysOf(program.frozen, values.frozen);
  let running = false;
  let released: Promise<void> | undefined;
  /** The caller's arrays, each brought up to date when it is asked for. */
  const lent = (arrays: Arrays, given: ProgramValues["state"]): ProgramValues["state"] =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries(given).map(([name, array]) => [
          name,
          { enumerable: true, get: () => (released ? array : (arrays[name]?.lend() ?? array)) },
        ]),
      ),
    );
  const release = (): void => {
    for (const array of [...Object.values(state), ...Object.values(frozen)]) array.release();
  };
  return {
    info: {
      operations: 0,
      matrixFlops: 0,
      compileSeconds: 0,
      inPlace: 0,
      copied: 0,
    },
    state: lent(state, values.state),
    frozen: lent(frozen, values.frozen),
    async run(inputs) {
      if (released)
        throw new EngineError(
          "engine/disposed",
          "This compiled program was disposed of; compile it again to run it.",
        );
      if (running)
        throw new EngineError(
          "engine/busy",
          "A compiled program runs one step at a time; await the one before.",
        );
      running = true;
      try {
        checkInputs(program, inputs);
        return await withBackend(NATIVE_BACKEND, () =>
          tf.tidy(() => step(program, { state, frozen }, inputs)),
        );
      } finally {
        running = false;
      }
    },
    dispose: () => (released ??= withBackend(NATIVE_BACKEND, release)),
  };
}

/** One step on the device; only outputs come back. */
function step(
  program: Program,
  { state, frozen }: { readonly state: Arrays; readonly frozen: Arrays },
  inputs: Readonly<Record<string, Numbers>>,
): Record<string, Numbers> {
  const onDevice = (specs: TensorSpecs, arrays: Arrays): Record<string, tf.Tensor> =>
    Object.fromEntries(
      Object.entries(specs).map(([name, { shape }]) => [
        name,
        (arrays[name] as DeviceArray).read(shape),
      ]),
    );
  const built = program.build({
    state: onDevice(program.state, state),
    frozen: onDevice(program.frozen, frozen),
    inputs: Object.fromEntries(
      Object.entries(program.inputs).map(([name, { shape, dtype }]) => [
        name,
        tf.tensor((inputs[name] as Numbers).slice(), [...shape], dtype),
      ]),
    ),
    masks: eagerMasks(program, inputs),
  });
  const next = Object.entries(built.state ?? {});
  for (const [name, tensor] of next) checkState(program, name, tensor);
  // Outputs first: they may be the state of before.
  const results: Record<string, Numbers> = {};
  for (const [name, tensor] of Object.entries(built.outputs)) {
    const data = tensor.dataSync();
    results[name] = tensor.dtype === "float32" ? Float32Array.from(data) : Int32Array.from(data);
  }
  for (const [name, tensor] of next) (state[name] as DeviceArray).write(tensor);
  return results;
}
