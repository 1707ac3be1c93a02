import type { Engine } from "@ligo/engine";
import { loadModel } from "./load-model.js";
import type { InputBatch } from "./model-inputs.js";
import type { OpenedModel } from "./open-model.js";

/** An output of a forward pass. */
export interface Output {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface RunForwardOptions {
  /** Whether to give the hidden states of every stack too, as `hidden_states.<stack>.<layers passed>` [rows, n]. */
  readonly hiddenStates?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Name of a hidden state among the outputs. */
export const hiddenStateName = (stack: string, layer: number): string =>
  `hidden_states.${stack}.${layer}`;

/**
 * Runs the forward pass of a model on given inputs. Outputs go by their Hugging Face names; `loss` [1], by the first
 * objective of the model's class, is added where there are `labels`, or positions of answers.
 */
export async function runForward(
  engine: Engine,
  model: OpenedModel,
  inputs: InputBatch,
  options: RunForwardOptions = {},
): Promise<ReadonlyMap<string, Output>> {
  const { signal } = options;
  const { spec } = model;
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
        const hidden =
          options.hiddenStates === true ? network.hiddenStates?.(parameters, batch) : undefined;
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
    { state: {}, frozen: Object.fromEntries(await model.readAll(signal)) },
  );
  try {
    signal?.throwIfAborted();
    const results = await compiled.run(inputs.arrays);
    return new Map(
      Object.entries(results).map(([name, data]) => [
        name,
        { shape: shapes.get(name) ?? [data.length], data: Float32Array.from(data) },
      ]),
    );
  } finally {
    await compiled.dispose();
  }
}
