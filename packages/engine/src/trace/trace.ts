import * as tf from "@tensorflow/tfjs";
import { EngineError } from "../engine-error.js";
import type { Program, TensorSpecs } from "../program.js";
import { withBackend } from "../with-backend.js";
import { TRACE_BACKEND, traceBackend } from "./backend.js";
import { sizeOf, type Value } from "./graph.js";

/** The graph of one step: its inputs by declared name, and what it computes. */
export interface TracedProgram {
  /** `state/<name>`, `frozen/<name>` or `input/<name>` of every declared tensor. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** `state/<name>` or `output/<name>` of everything the step returns. */
  readonly outputs: Readonly<Record<string, Value>>;
}

/** Runs a program's `build` once on recording tensors. */
export async function traceProgram(program: Program): Promise<TracedProgram> {
  const backend = traceBackend();
  return withBackend(TRACE_BACKEND, () => {
    backend.reset();
    const inputs = new Map<string, Value>();
    const engine = tf.engine();
    const declare = (kind: string, specs: TensorSpecs): Record<string, tf.Tensor> =>
      Object.fromEntries(
        Object.entries(specs).map(([name, { shape, dtype }]) => {
          const value = backend.graph.input(`${kind}/${name}`, shape, dtype);
          inputs.set(`${kind}/${name}`, value);
          return [name, engine.makeTensorFromTensorInfo(backend.context.tensor(value, dtype))];
        }),
      );
    const outputs: Record<string, Value> = {};
    tf.tidy(() => {
      const built = program.build({
        state: declare("state", program.state),
        frozen: declare("frozen", program.frozen),
        inputs: declare("input", program.inputs),
      });
      for (const [name, tensor] of Object.entries(built.state ?? {})) {
        const declared = program.state[name];
        if (!declared || sizeOf(declared.shape) !== tensor.size) {
          throw new EngineError("engine/state-shape", `The step returns state ${name} of shape [${tensor.shape.join()}].`, {
            tensor: name,
            expected: declared ? `[${declared.shape.join()}]` : "a declared state tensor",
            actual: `[${tensor.shape.join()}]`,
          });
        }
        outputs[`state/${name}`] = backend.context.value(tensor);
      }
      for (const [name, tensor] of Object.entries(built.outputs)) outputs[`output/${name}`] = backend.context.value(tensor);
    });
    return { inputs, outputs };
  });
}
