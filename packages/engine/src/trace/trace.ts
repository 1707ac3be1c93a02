import * as tf from "@ligo/tfjs";
import { checkState } from "../check-values.js";
import { EngineError } from "../engine-error.js";
import type { Program, TensorSpecs } from "../program.js";
import { numberedMasks, type MaskSite } from "../random/masks.js";
import { withBackend } from "../with-backend.js";
import { TRACE_BACKEND, traceBackend } from "./backend.js";
import type { Graph, Value } from "./graph.js";
import { cast } from "./kernels/elementwise.js";

/** The graph of one step: its inputs by declared name, and what it computes. */
export interface TracedProgram {
  readonly graph: Graph;
  /** `state/<name>`, `frozen/<name>` or `input/<name>` of every declared tensor. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** `state/<name>` or `output/<name>` of everything the step returns. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Where it draws masks, each an input `mask/<number>`; the second half of a partition is `mask/<number>/1`. */
  readonly masks: readonly MaskSite[];
  /** Values the model marked with `LigoCheckpoint`, in order. */
  readonly checkpoints: readonly Value[];
}

/** The input that a tensor of a mask is. */
export const maskKey = (site: number, part: number): string =>
  part === 0 ? `mask/${site}` : `mask/${site}/${part}`;

/** Names the operation where TensorFlow.js only knows that the recording backend has no such kernel. */
function recorded<T>(build: () => T): T {
  try {
    return build();
  } catch (cause) {
    const [, kernel] =
      /^Kernel '(.+)' not registered for backend/.exec((cause as Error).message) ?? [];
    if (kernel === undefined) throw cause;
    throw new EngineError(
      "engine/unsupported",
      `A traced step cannot run the TensorFlow.js kernel ${kernel}. Build it from other ops, or run the step on another engine.`,
      { actual: kernel, cause },
    );
  }
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
    const sites: MaskSite[] = [];
    const masks = numberedMasks(program, (site, index) => {
      sites.push(site);
      return site.tensors.map(({ shape, dtype }, part) => {
        const value = backend.graph.input(maskKey(index, part), shape, dtype);
        return engine.makeTensorFromTensorInfo(backend.context.tensor(value, dtype));
      });
    });
    const outputs: Record<string, Value> = {};
    tf.tidy(() => {
      const built = recorded(() =>
        program.build({
          state: declare("state", program.state),
          frozen: declare("frozen", program.frozen),
          inputs: declare("input", program.inputs),
          masks,
        }),
      );
      for (const [name, tensor] of Object.entries(built.state ?? {})) {
        checkState(program, name, tensor);
        outputs[`state/${name}`] = backend.context.value(tensor);
      }
      for (const [name, tensor] of Object.entries(built.outputs)) {
        const value = backend.context.value(tensor);
        outputs[`output/${name}`] =
          value.type === "bool" ? cast(backend.context, value, "int32") : value;
      }
    });
    const checkpoints = [...backend.context.checkpoints];
    return { graph: backend.graph, inputs, outputs, masks: sites, checkpoints };
  });
}
