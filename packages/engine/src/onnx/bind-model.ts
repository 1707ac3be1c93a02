import * as ort from "./onnxruntime.js";
import { EngineError } from "../engine-error.js";
import type { CompiledProgram, Numbers, Program, ProgramValues } from "../program.js";
import { sizeOf } from "../trace/graph.js";
import type { TracedProgram } from "../trace/trace.js";
import { bindMasks } from "./bind-masks.js";
import type { OnnxModel } from "./model.js";
import { runAndCopy } from "./providers.js";
import { toTensor } from "./to-tensor.js";
import type { StateTile } from "./tile-cutter.js";
import { runInto } from "./unconverted.js";

/** A compiled model, and the program and the memory behind its inputs and outputs. */
export interface Binding {
  readonly program: Program;
  readonly values: ProgramValues;
  readonly session: ort.InferenceSession;
  /** Whether the session computes in the memory of this process. */
  readonly onHost: boolean;
  readonly traced: TracedProgram;
  readonly model: OnnxModel;
  readonly inPlace: ReadonlySet<string>;
  readonly tiles: ReadonlyMap<string, StateTile>;
}

/** A model that reads and writes the caller's arrays. */
export interface BoundModel {
  /** State tensors that are copied after each step. */
  readonly copied: number;
  readonly run: CompiledProgram["run"];
}

type Feeds = Record<string, ort.Tensor>;

/** Ties the model's inputs and outputs to the caller's arrays. */
export function bindModel(binding: Binding): BoundModel {
  const { program, session, onHost, model } = binding;
  const state = stateMemory(binding);
  const masks = bindMasks(program, binding.traced, model);
  const feeds = { ...heldFeeds(binding, state), ...masks.feeds };
  const { fetches, copies, results, copied } = bindOutputs(binding, state);
  const stepInputNames = model.inputs.filter((name) => name.startsWith("input/"));
  return {
    copied,
    async run(stepInputs) {
      for (const name of stepInputNames) {
        const numbers = stepInputs[name.slice("input/".length)] as Numbers;
        feeds[name] = toTensor(numbers, state.shapeOf(name));
      }
      masks.fill(stepInputs);
      await (onHost ? runInto : runAndCopy)(session, feeds, fetches).catch((cause: unknown) => {
        throw new EngineError(
          "engine/run",
          `onnxruntime failed to run the step: ${(cause as Error).message}`,
          { cause },
        );
      });
      for (const { from, to } of copies) to.set(from);
      return Object.fromEntries(
        results.map(({ name, output }) => [
          name,
          (fetches[output] as ort.Tensor).data.slice() as Numbers,
        ]),
      );
    },
  };
}

interface StateMemory {
  /** Memory of a state tensor, or of a tile of it. */
  of(key: string): Float32Array;
  /** Shape of an input of the model. */
  shapeOf(key: string): readonly number[];
}

function stateMemory({ values, traced, tiles }: Binding): StateMemory {
  const of = (key: string): Float32Array => {
    const tile = tiles.get(key);
    if (!tile) return values.state[key.slice("state/".length)] as Float32Array;
    return (values.state[tile.name] as Float32Array).subarray(tile.begin, tile.end);
  };
  return { of, shapeOf: (key) => traced.inputs.get(key)?.shape ?? [of(key).length] };
}

/** Inputs whose memory stays the same from step to step: state and frozen tensors. */
function heldFeeds({ model, values }: Binding, state: StateMemory): Feeds {
  const feeds: Feeds = {};
  for (const key of model.inputs) {
    if (key.startsWith("state/")) feeds[key] = toTensor(state.of(key), state.shapeOf(key));
    else if (key.startsWith("frozen/")) {
      const numbers = values.frozen[key.slice("frozen/".length)] as Float32Array;
      feeds[key] = toTensor(numbers, state.shapeOf(key));
    }
  }
  return feeds;
}

interface BoundOutputs {
  /** Memory of every output, by its name in the model. */
  readonly fetches: Readonly<Record<string, ort.Tensor>>;
  /** Copies to make after each step. */
  readonly copies: readonly { readonly from: Float32Array; readonly to: Float32Array }[];
  /** Outputs of the program, and their names in the model. */
  readonly results: readonly { readonly name: string; readonly output: string }[];
  /** State tensors that are not written in place. */
  readonly copied: number;
}

function bindOutputs(
  { model, tiles, inPlace, onHost }: Binding,
  memory: StateMemory,
): BoundOutputs {
  const fetches: Record<string, ort.Tensor> = {};
  const copies: { from: Float32Array; to: Float32Array }[] = [];
  const results: { name: string; output: string }[] = [];
  let copied = 0;
  for (const { key, name, value } of model.outputs) {
    if (key.startsWith("state/")) {
      const state = memory.of(key);
      const isInPlace = tiles.has(key) || inPlace.has(key.slice("state/".length));
      const into = isInPlace || !onHost ? state : new Float32Array(state.length);
      if (into !== state) copies.push({ from: into, to: state });
      if (!isInPlace) copied += 1;
      fetches[name] = toTensor(into, value.shape);
    } else {
      const size = sizeOf(value.shape);
      const data = value.type === "float32" ? new Float32Array(size) : new Int32Array(size);
      fetches[name] = toTensor(data, value.shape);
      results.push({ name: key.slice("output/".length), output: name });
    }
  }
  return { fetches, copies, results, copied };
}
