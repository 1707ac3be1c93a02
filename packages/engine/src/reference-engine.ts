import * as tf from "@ligo/tfjs";
import { checkState, checkValues } from "./check-values.js";
import { toNumbers, toTensors } from "./eager-tensors.js";
import { requireFloat32 } from "./half-unsupported.js";
import { inCallersArrays, oneAtATime } from "./one-at-a-time.js";
import type { Engine, Numbers, Program, ProgramValues } from "./program.js";
import { eagerMasks } from "./random/masks.js";
import { withBackend } from "./with-backend.js";

/** The oracle of tests: runs programs eagerly on TensorFlow.js' plain JavaScript backend. Slow; tiny shapes only. */
export function createReferenceEngine(): Engine {
  tf.enableProdMode(); // TensorFlow.js advertises its native package on the console otherwise
  return {
    name: "reference",
    async compile(program, values) {
      requireFloat32(program, "reference");
      checkValues(program, values);
      return {
        info: {
          operations: 0,
          matrixFlops: 0,
          compileSeconds: 0,
          inPlace: 0,
          copied: Object.keys(program.state).length,
        },
        ...oneAtATime(program, {
          ...inCallersArrays(values),
          run: (inputs) => withBackend("cpu", () => tf.tidy(() => step(program, values, inputs))),
          dispose: () => Promise.resolve(),
        }),
      };
    },
  };
}

function step(
  program: Program,
  values: ProgramValues,
  inputs: Readonly<Record<string, Numbers>>,
): Record<string, Numbers> {
  const built = program.build({
    state: toTensors(program.state, values.state),
    frozen: toTensors(program.frozen, values.frozen),
    inputs: toTensors(program.inputs, inputs),
    masks: eagerMasks(program, inputs),
  });
  const state = Object.entries(built.state ?? {});
  for (const [name, tensor] of state) checkState(program, name, tensor);
  const results = toNumbers(built.outputs);
  for (const [name, tensor] of state) values.state[name]?.set(tensor.dataSync<"float32">());
  return results;
}
