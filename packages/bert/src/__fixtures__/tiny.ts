import {
  checkConfig,
  applyOperator,
  createRandom,
  memorySource,
  type Layout,
  type Operator,
  type Plan,
} from "@ligo/core";
import { createOnnxEngine, type Engine, type Numbers, type TensorSpecs } from "@ligo/engine";
import { createModel, tensorParameters } from "@ligo/nn";
import { initialWeights, learnableSpecs, type Weights } from "@ligo/train";
import { bert, type BertConfig } from "../index.js";

export const engine: Engine = createOnnxEngine();

/** A config with two heads of four, every size small and none equal to another. */
export function tinyConfig(changes: Readonly<Record<string, unknown>> = {}): BertConfig {
  return checkConfig(bert, {
    model_type: "bert",
    vocab_size: 23,
    hidden_size: 8,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 12,
    max_position_embeddings: 9,
    num_labels: 3,
    ...changes,
  });
}

/** Random weights of deviation 0.3; gains lie around one, biases are random too. */
export function randomWeights(layout: Layout, seed: number): Weights {
  const random = createRandom(seed);
  return new Map(
    [...initialWeights(layout, { seed, deviation: 0.25 })].map(([name, data]) => {
      const own = random.fork(name);
      return [name, data.map((value) => value + 0.15 * own.normal())];
    }),
  );
}

export const BATCH = 2;
export const SEQUENCE = 7;
const shape = [BATCH, SEQUENCE];

/** The second text is two tokens shorter and changes its type half-way. */
export const inputs: Readonly<Record<string, Numbers>> = {
  input_ids: Int32Array.of(2, 5, 11, 4, 9, 17, 3, 2, 22, 7, 4, 3, 0, 0),
  token_type_ids: Int32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0),
  attention_mask: Int32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0),
};
/** Labels for masked language modelling. */
export const labels: Numbers = Int32Array.of(
  ...[-100, 5, -100, 8, -100, -100, -100],
  ...[-100, -100, 7, -100, 1, -100, -100],
);

export const specs = (batch: Readonly<Record<string, Numbers>>): TensorSpecs =>
  Object.fromEntries(Object.keys(batch).map((name) => [name, { shape, dtype: "int32" as const }]));

/** All outputs of a model for {@link inputs}. */
export async function forward(
  config: BertConfig,
  layout: Layout,
  weights: Weights,
): Promise<Record<string, Numbers>> {
  const model = await createModel(bert, config, layout.className);
  const compiled = await engine.compile(
    {
      state: {},
      frozen: learnableSpecs(layout),
      inputs: specs(inputs),
      build: ({ frozen, inputs: batch }) => ({
        outputs: model.forward(tensorParameters(frozen), batch),
      }),
    },
    { state: {}, frozen: Object.fromEntries(weights) },
  );
  const outputs = await compiled.run(inputs);
  await compiled.dispose();
  return outputs;
}

/** The weights of the grown model. */
export async function grow(plan: Plan, operator: Operator, source: Weights): Promise<Weights> {
  const weights = new Map<string, Float32Array>();
  for await (const { tensor, data } of applyOperator(plan, operator, memorySource(source))) {
    weights.set(tensor.name, data);
  }
  return weights;
}
