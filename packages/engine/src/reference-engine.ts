import * as tf from "@tensorflow/tfjs";
import { checkInputs, checkState, checkValues } from "./check-values.js";
import type { Engine, Numbers, TensorSpecs } from "./program.js";
import { eagerMasks } from "./random/masks.js";
import { withBackend } from "./with-backend.js";

/** The oracle of tests: runs programs eagerly on TensorFlow.js' plain JavaScript backend. Slow; tiny shapes only. */
export function createReferenceEngine(): Engine {
  tf.enableProdMode(); // TensorFlow.js advertises its native package on the console otherwise
  return {
    name: "reference",
    async compile(program, values) {
      checkValues(program, values);
      const tensors = (
        specs: TensorSpecs,
        data: Readonly<Record<string, Numbers>>,
      ): Record<string, tf.Tensor> =>
        Object.fromEntries(
          Object.entries(specs).map(([name, { shape, dtype }]) => [
            name,
            tf.tensor((data[name] as Numbers).slice(), [...shape], dtype),
          ]),
        );
      return {
        info: {
          operations: 0,
          matrixFlops: 0,
          compileSeconds: 0,
          inPlace: 0,
          copied: Object.keys(program.state).length,
        },
        state: values.state,
        frozen: values.frozen,
        run: (inputs) => {
          checkInputs(program, inputs);
          return withBackend("cpu", () => {
            const results: Record<string, Numbers> = {};
            tf.tidy(() => {
              const built = program.build({
                state: tensors(program.state, values.state),
                frozen: tensors(program.frozen, values.frozen),
                inputs: tensors(program.inputs, inputs),
                masks: eagerMasks(program, inputs),
              });
              const state = Object.entries(built.state ?? {});
              for (const [name, tensor] of state) checkState(program, name, tensor);
              for (const [name, tensor] of Object.entries(built.outputs)) {
                // The backend keeps whatever array it has when it casts.
                const data = tensor.dataSync();
                results[name] =
                  tensor.dtype === "float32" ? Float32Array.from(data) : Int32Array.from(data);
              }
              for (const [name, tensor] of state)
                values.state[name]?.set(tensor.dataSync<"float32">());
            });
            return results;
          });
        },
        dispose: () => Promise.resolve(),
      };
    },
  };
}
