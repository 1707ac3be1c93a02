import * as tf from "@tensorflow/tfjs";
import { checkInputs, checkState, checkValues } from "../check-values.js";
import { toNumbers, toTensors } from "../eager-tensors.js";
import { oneAtATime } from "../one-at-a-time.js";
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
  const release = (): void => {
    for (const array of [...Object.values(state), ...Object.values(frozen)]) array.release();
  };
  const steps = oneAtATime(
    async (inputs) => {
      checkInputs(program, inputs);
      return withBackend(NATIVE_BACKEND, () =>
        tf.tidy(() => step(program, { state, frozen }, inputs)),
      );
    },
    () => withBackend(NATIVE_BACKEND, release),
  );
  /** The caller's arrays, each brought up to date when it is asked for. */
  const lent = (arrays: Arrays, given: ProgramValues["state"]): ProgramValues["state"] =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries(given).map(([name, array]) => [
          name,
          {
            enumerable: true,
            get: () => (steps.isDisposed ? array : (arrays[name]?.lend() ?? array)),
          },
        ]),
      ),
    );
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
    run: (inputs) => steps.run(inputs),
    dispose: () => steps.dispose(),
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
    inputs: toTensors(program.inputs, inputs),
    masks: eagerMasks(program, inputs),
  });
  const next = Object.entries(built.state ?? {});
  for (const [name, tensor] of next) checkState(program, name, tensor);
  // Outputs first: they may be the state of before.
  const results = toNumbers(built.outputs);
  for (const [name, tensor] of next) (state[name] as DeviceArray).write(tensor);
  return results;
}
