import { bert } from "@ligo/bert";
import { llama } from "@ligo/llama";
import { writeCheckpoint, writeOutputFolder } from "@ligo/checkpoint";
import { writtenTensors } from "@ligo/core/layout";
import { describeModel, type ModelSpec } from "@ligo/sdk/models";
import { createModel } from "@ligo/nn";
import { initialWeights, type TrainerOptions, type Weights } from "@ligo/train";
import { bertModel, size } from "./experiments/models.js";

export interface ModelShape {
  readonly layers: number;
  readonly hidden: number;
  /** A Llama instead of a BERT: its query heads over each head of keys and values, and its MLP. */
  readonly llama?: { readonly group: number; readonly mlp: number };
}

const POSITIONS = 512;
/** Numbers of a head. */
const HEAD = 64;

/** A language model of the given shape: a BERT with masks, or a Llama. */
export function perfModel(shape: ModelShape, vocabulary: number): ModelSpec {
  const { hidden, layers } = shape;
  if (shape.llama !== undefined) return perfLlama(shape, vocabulary);
  const text = { data: [], tokenizer: { folder: "", vocabulary, pad: 0 } };
  const config = {
    ...bertModel(size(layers, hidden, hidden / HEAD), text, POSITIONS),
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
  };
  return describeModel(bert, config, "config.json");
}

function perfLlama({ hidden, layers, llama: sizes }: ModelShape, vocabulary: number): ModelSpec {
  const config = {
    model_type: "llama",
    architectures: ["LlamaForCausalLM"],
    vocab_size: vocabulary,
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: hidden / HEAD,
    num_key_value_heads: hidden / HEAD / (sizes?.group ?? 1),
    intermediate_size: sizes?.mlp ?? 4 * hidden,
    max_position_embeddings: 2048,
    tie_word_embeddings: true,
  };
  return describeModel(llama, config, "config.json");
}

/** Weights from BERT's initial distribution: speed does not depend on them. */
export const randomWeights = ({ layout }: ModelSpec): Weights =>
  initialWeights(layout, { seed: 1, deviation: 0.02 });

/** The objective of a model: masked or causal language modelling. */
export async function languageModelling({
  architecture,
  className,
  config,
}: ModelSpec): Promise<TrainerOptions["objective"]> {
  const model = await createModel(architecture, config, className);
  const objective = model.objectives["masked-lm"] ?? model.objectives["causal-lm"];
  if (objective === undefined) throw new Error(`${className} models no language.`);
  return objective;
}

/** Writes a model of random weights as a Hugging Face checkpoint. */
export async function writeRandomModel(folder: string, model: ModelSpec): Promise<void> {
  const weights = randomWeights(model);
  const tensors = writtenTensors(model.layout).map(({ name, shape, source }) => ({
    name,
    shape,
    data: async () => weights.get(source) as Float32Array,
  }));
  await writeOutputFolder(folder, async (temporary) => {
    await writeCheckpoint(temporary, { config: model.raw, tensors, dtype: "F32" });
  });
}
