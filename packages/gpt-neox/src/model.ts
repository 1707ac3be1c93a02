import { fillLayer, rotaryFrequencies } from "@ligo/core/layout";
import {
  activate,
  addBranch,
  causalLanguageModelling,
  causalMask,
  dense,
  dropout,
  embedding,
  gatherRows,
  inputIds,
  lastTokens,
  layerStates,
  mlp,
  normalise,
  paddingMask,
  perToken,
  preNormLayer,
  project,
  rotaryTables,
  rotate,
  selfAttention,
  tablesAt,
  textClassifier,
  tokenInputs,
  tokenLabels,
  type Batch,
  type Model,
  type Parameters,
  type RotaryTables,
  type TransformerLayer,
  type TransformerLayerInputs,
  type TransformerLayerOptions,
} from "@ligo/nn";
import type * as tf from "@tensorflow/tfjs";
import { rotaryOf, type GptNeoXConfig } from "./config.js";
import { classHead, finalNorm, languageHead, layerNames, wordTable } from "./layout.js";

/** A layer whose two branches both read what comes into it: [batch * sequence, n] to the same. */
const parallelLayer: TransformerLayer = (p, layer, x, options, inputs) => {
  const [first, second] = inputs.branchScales ?? [];
  const norm = (name: string): tf.Tensor2D =>
    normalise(p, fillLayer(name, layer), x, options.epsilon);
  const attended = selfAttention(p, layer, norm(layerNames.attentionNorm), options, inputs);
  const inner = mlp(p, layer, norm(layerNames.mlpNorm), options);
  return addBranch(inner, addBranch(attended, x, first), second);
};

/** Inputs of a layer, queries and keys turned by the positions of its tokens. */
function turned(
  inputs: TransformerLayerInputs,
  tables: RotaryTables,
  scale: number | undefined,
): TransformerLayerInputs {
  const { batch, positions, sequence } = inputs;
  const own = positions === undefined ? tables : tablesAt(tables, positions, [batch, sequence]);
  return {
    ...inputs,
    prepare: (x) => rotate(x, own),
    ...(scale === undefined ? {} : { branchScales: [scale, scale] }),
  };
}

/** The forward pass of GPT-NeoX. Activations are [batch * sequence, n] throughout. */
export function gptNeoXModel(config: GptNeoXConfig, className: string): Model {
  const epsilon = config.layer_norm_eps;
  const options: TransformerLayerOptions = {
    names: layerNames,
    heads: config.num_attention_heads,
    interleaved: true,
    epsilon,
    activation: (x) => activate(x, config.hidden_act),
    dropout: { attention: config.attention_dropout, branch: config.hidden_dropout },
  };
  const one = config.use_parallel_residual ? parallelLayer : preNormLayer;
  const speeds = rotaryFrequencies(rotaryOf(config));
  /** Input of the first layer, then the output of every layer, each [batch * sequence, hidden]. */
  const states = (p: Parameters, given: Batch): readonly tf.Tensor2D[] => {
    const ids = inputIds(given);
    const [batch, sequence] = ids.shape;
    const seen = given["attention_mask"] as tf.Tensor2D | undefined;
    const causal = causalMask(sequence);
    const mask = seen ? causal.add<tf.Tensor4D>(paddingMask(seen)) : causal;
    const tables = rotaryTables(speeds, sequence);
    const x = dropout(p, embedding(ids.flatten(), p.get(wordTable)), config.hidden_dropout);
    return layerStates<TransformerLayerInputs>(
      p,
      x,
      {
        layers: config.num_hidden_layers,
        run: (layer, state, own, scale) =>
          one(p, layer, state, options, turned(own, tables, scale)),
      },
      { batch, sequence, mask },
    );
  };
  const decode = (p: Parameters, batch: Batch): tf.Tensor2D =>
    normalise(p, finalNorm, states(p, batch).at(-1) as tf.Tensor2D, epsilon);
  const predict = (p: Parameters, batch: Batch): tf.Tensor2D =>
    dense(decode(p, batch), p.get(config.tie_word_embeddings ? wordTable : languageHead));
  const classify = (p: Parameters, batch: Batch): tf.Tensor2D =>
    project(
      p,
      classHead,
      gatherRows(lastTokens(inputIds(batch), config.pad_token_id ?? undefined), decode(p, batch)),
    );

  const sizes = { vocabulary: config.vocab_size, positions: config.max_position_embeddings };
  const common: Pick<Model, "inputs" | "skipping" | "hiddenStates"> = {
    inputs: tokenInputs(sizes),
    skipping: { wholeTokens: 0 },
    hiddenStates: (p, batch) => ({ decoder: states(p, batch) }),
  };
  const models: Readonly<Record<string, Model>> = {
    GPTNeoXForCausalLM: {
      ...common,
      inputs: { ...common.inputs, ...tokenLabels(sizes) },
      forward: (p, batch) => ({ logits: perToken(predict(p, batch), batch) }),
      objectives: { "causal-lm": causalLanguageModelling(predict) },
    },
    GPTNeoXForSequenceClassification: {
      ...common,
      ...textClassifier(config, common.inputs, classify),
      forward: (p, batch) => ({ logits: classify(p, batch) }),
    },
    GPTNeoXModel: {
      ...common,
      forward: (p, batch) => ({ last_hidden_state: perToken(decode(p, batch), batch) }),
      objectives: {},
    },
  };
  return models[className] as Model;
}
