import {
  activate,
  causalLanguageModelling,
  causalMask,
  dense,
  dropout,
  gatherRows,
  inputIds,
  lastTokens,
  normalise,
  paddingMask,
  perToken,
  project,
  textClassifier,
  textEmbeddings,
  tokenInputs,
  tokenLabels,
  transformerStates,
  type Batch,
  type Model,
  type Parameters,
  type TransformerStackOptions,
} from "@ligo/nn";
import type * as tf from "@tensorflow/tfjs";
import type { Gpt2Config } from "./config.js";
import { classHead, embeddingNames, finalNorm, languageHead, layerNames } from "./layout.js";

/** The forward pass of GPT-2. Activations are [batch * sequence, n] throughout. */
export function gpt2Model(config: Gpt2Config, className: string): Model {
  const options: TransformerStackOptions = {
    names: layerNames,
    layers: config.n_layer,
    norm: "pre",
    storage: "in-out",
    heads: config.n_head,
    epsilon: config.layer_norm_epsilon,
    activation: (x) => activate(x, config.activation_function),
    dropout: { attention: config.attn_pdrop, branch: config.resid_pdrop },
  };
  const headScale = config.scale_attn_weights ? Math.sqrt(config.n_head / config.n_embd) : 1;
  const scaleOf = (layer: number): number =>
    config.scale_attn_by_inverse_layer_idx ? headScale / (layer + 1) : headScale;
  /** Input of the first layer, then the output of every layer, each [batch * sequence, n_embd]. */
  const states = (p: Parameters, given: Batch): readonly tf.Tensor2D[] => {
    const [batch, sequence] = inputIds(given).shape;
    const seen = given["attention_mask"] as tf.Tensor2D | undefined;
    const causal = causalMask(sequence);
    const mask = seen ? causal.add<tf.Tensor4D>(paddingMask(seen)) : causal;
    // token types, where there are some, are looked up among the words
    const type = given["token_type_ids"] && embeddingNames.word;
    const embedded = textEmbeddings(p, { ...embeddingNames, type }, given);
    const x = dropout(p, embedded, config.embd_pdrop);
    return transformerStates(p, x, options, (layer) => ({
      batch,
      sequence,
      mask,
      scale: scaleOf(layer),
    }));
  };
  const decode = (p: Parameters, batch: Batch): tf.Tensor2D =>
    normalise(p, finalNorm, states(p, batch).at(-1) as tf.Tensor2D, config.layer_norm_epsilon);
  const predict = (p: Parameters, batch: Batch): tf.Tensor2D =>
    dense(decode(p, batch), p.get(config.tie_word_embeddings ? embeddingNames.word : languageHead));
  const classify = (p: Parameters, batch: Batch): tf.Tensor2D =>
    project(
      p,
      classHead,
      gatherRows(lastTokens(inputIds(batch), config.pad_token_id ?? undefined), decode(p, batch)),
    );

  const sizes = {
    vocabulary: config.vocab_size,
    positions: config.n_positions,
    types: config.vocab_size,
  };
  const common: Pick<Model, "inputs" | "skipping" | "hiddenStates"> = {
    inputs: tokenInputs(sizes),
    skipping: { wholeTokens: 0 },
    hiddenStates: (p, batch) => ({ decoder: states(p, batch) }),
  };
  const models: Readonly<Record<string, Model>> = {
    GPT2LMHeadModel: {
      ...common,
      inputs: { ...common.inputs, ...tokenLabels(sizes) },
      forward: (p, batch) => ({ logits: perToken(predict(p, batch), batch) }),
      objectives: { "causal-lm": causalLanguageModelling(predict) },
    },
    GPT2ForSequenceClassification: {
      ...common,
      ...textClassifier(config, common.inputs, classify),
      forward: (p, batch) => ({ logits: classify(p, batch) }),
    },
    GPT2Model: {
      ...common,
      forward: (p, batch) => ({ last_hidden_state: perToken(decode(p, batch), batch) }),
      objectives: {},
    },
  };
  return models[className] as Model;
}
