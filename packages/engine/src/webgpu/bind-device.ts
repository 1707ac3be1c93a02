import type { DeviceProgram, HeldCopies } from "../device-values.js";
import { bindMasks } from "../onnx/bind-masks.js";
import type { OnnxModel } from "../onnx/model.js";
import type * as ort from "../onnx/onnxruntime.js";
import { toTensor } from "../onnx/to-tensor.js";
import type { Numbers, Program } from "../program.js";
import type { Value } from "../trace/graph.js";
import type { TracedProgram } from "../trace/trace.js";
import type { Location } from "./session.js";
import { stepError } from "./step-error.js";

/** A compiled model and the program behind it. */
export interface DeviceBinding {
  readonly program: Program;
  readonly session: Pick<ort.InferenceSession, "run">;
  readonly traced: TracedProgram;
  readonly model: OnnxModel;
}

/** Runs a step on tensors of the device; the new state is left there. */
export type DeviceStep = DeviceProgram<ort.Tensor>["step"];

/** Outputs but for state that a step hands on as it is. */
export function changedOutputs(
  outputs: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(outputs).filter(
      ([key, { source }]) =>
        !(key.startsWith("state/") && source.kind === "input" && source.name === key),
    ),
  );
}

/** Where a step leaves its outputs, by their names in the model. */
export function outputLocations({ outputs }: OnnxModel): Readonly<Record<string, Location>> {
  return Object.fromEntries(
    outputs.map(({ key, name }) => [name, key.startsWith("state/") ? "gpu-buffer" : "cpu"]),
  );
}

const nameIn = (kind: string, key: string): string | undefined =>
  key.startsWith(`${kind}/`) ? key.slice(kind.length + 1) : undefined;

/** Ties the model's inputs and outputs to tensors of the device. */
export function bindDevice({ program, session, traced, model }: DeviceBinding): DeviceStep {
  const masks = bindMasks(program, traced, model);
  const feed = (
    key: string,
    { state, frozen }: HeldCopies<ort.Tensor>,
    inputs: Readonly<Record<string, Numbers>>,
  ): ort.Tensor => {
    const ofState = nameIn("state", key);
    const ofFrozen = nameIn("frozen", key) ?? nameIn("half", key);
    if (ofState !== undefined) return state[ofState] as ort.Tensor;
    if (ofFrozen !== undefined) return frozen[ofFrozen] as ort.Tensor;
    const input = nameIn("input", key);
    if (input === undefined) return masks.feeds[key] as ort.Tensor;
    return toTensor(inputs[input] as Numbers, traced.inputs.get(key)?.shape ?? []);
  };
  // The binding tells where an output is left by its place among those asked for, not by its name.
  const names = model.outputs.map(({ name }) => name);
  return async (held, inputs) => {
    masks.fill(inputs);
    const feeds = Object.fromEntries(model.inputs.map((key) => [key, feed(key, held, inputs)]));
    const outputs = await session.run(feeds, names).catch((cause: unknown) => {
      throw stepError(cause);
    });
    const next: Record<string, ort.Tensor> = {};
    const results: Record<string, Numbers> = {};
    for (const { key, name } of model.outputs) {
      const tensor = outputs[name] as ort.Tensor;
      const state = nameIn("state", key);
      if (state !== undefined) next[state] = tensor;
      else results[key.slice("output/".length)] = tensor.data as Numbers;
    }
    return { next, results };
  };
}
