import type { CompiledProgram, Engine } from "@ligo/engine";
import type { Output } from "./forward-result.js";
import { loadModel } from "./load-model.js";
import type { InputBatch } from "./model-inputs.js";
import type { OpenedModel } from "./open-model.js";

export interface ForwardOptions {
  /** Whether to give the hidden states of every stack too, as `hidden_states.<stack>.<layers passed>` [rows, n]. */
  readonly hiddenStates?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Name of a hidden state among the outputs. */
export const hiddenStateName = (stack: string, layer: number): string =>
  `hidden_states.${stack}.${layer}`;

/** A forward pass of a model, compiled once for every shape of inputs. */
export interface ForwardPass {
  /**
   * Outputs for given inputs, by their Hugging Face names; `loss` [1], by the first objective of the model's class, where
   * there are `labels`, or positions of answers.
   */
  run(inputs: InputBatch): Promise<ReadonlyMap<string, Output>>;
  dispose(): Promise<void>;
}

/** A compiled pass, and the shapes of its outputs. */
interface CompiledPass {
  readonly compiled: CompiledProgram;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/** Shapes of inputs that passes are kept compiled for. */
const KEPT_PASSES = 4;

/** Prepares the forward pass of a model. Weights are read at the first run. */
export function createForwardPass(
  engine: Engine,
  model: OpenedModel,
  options: ForwardOptions = {},
): ForwardPass {
  const passes = new Map<string, CompiledPass>();
  let weights: Promise<ReadonlyMap<string, Float32Array>> | undefined;
  const passFor = async (inputs: InputBatch): Promise<CompiledPass> => {
    const key = JSON.stringify(inputs.specs);
    const known = passes.get(key);
    if (known !== undefined) return known;
    weights ??= model.readAll(options.signal);
    const pass = await compilePass(engine, model, inputs, await weights, options);
    const [oldest] = passes.keys();
    if (passes.size >= KEPT_PASSES && oldest !== undefined) {
      await passes.get(oldest)?.compiled.dispose();
      passes.delete(oldest);
    }
    passes.set(key, pass);
    return pass;
  };
  return {
    async run(inputs) {
      const { compiled, shapes } = await passFor(inputs);
      options.signal?.throwIfAborted();
      const results = await compiled.run(inputs.arrays);
      return new Map(
        Object.entries(results).map(([name, data]) => [
          name,
          { shape: shapes.get(name) ?? [data.length], data: Float32Array.from(data) },
        ]),
      );
    },
    async dispose() {
      for (const { compiled } of passes.values()) await compiled.dispose();
      passes.clear();
    },
  };
}

/** Runs the forward pass of a model once. */
export async function runForward(
  engine: Engine,
  model: OpenedModel,
  inputs: InputBatch,
  options: ForwardOptions = {},
): Promise<ReadonlyMap<string, Output>> {
  const pass = createForwardPass(engine, model, options);
  try {
    return await pass.run(inputs);
  } finally {
    await pass.dispose();
  }
}

async function compilePass(
  engine: Engine,
  { spec }: OpenedModel,
  inputs: InputBatch,
  weights: ReadonlyMap<string, Float32Array>,
  { hiddenStates = false }: ForwardOptions,
): Promise<CompiledPass> {
  const [{ learnableSpecs }, { tensorParameters }] = await Promise.all([
    import("@ligo/train"),
    import("@ligo/nn"),
  ]);
  const network = await loadModel(spec);
  const isLabelled =
    "labels" in inputs.arrays ||
    ("start_positions" in inputs.arrays && "end_positions" in inputs.arrays);
  const [objective] = isLabelled ? Object.values(network.objectives) : [];
  const shapes = new Map<string, readonly number[]>();
  const compiled = await engine.compile(
    {
      state: {},
      frozen: learnableSpecs(spec.layout),
      inputs: inputs.specs,
      build: ({ frozen, inputs: batch }) => {
        const parameters = tensorParameters(frozen);
        const hidden = hiddenStates ? network.hiddenStates?.(parameters, batch) : undefined;
        const outputs = {
          ...network.forward(parameters, batch),
          ...Object.fromEntries(
            Object.entries(hidden ?? {}).flatMap(([stack, states]) =>
              states.map((state, layer) => [hiddenStateName(stack, layer), state]),
            ),
          ),
          ...(objective === undefined
            ? {}
            : { loss: objective.loss(parameters, batch).reshape([1]) }),
        };
        for (const [name, { shape }] of Object.entries(outputs)) shapes.set(name, shape);
        return { outputs };
      },
    },
    { state: {}, frozen: Object.fromEntries(weights) },
  );
  return { compiled, shapes };
}
