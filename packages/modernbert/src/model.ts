import { fillLayer, rotaryFrequencies, type LayerType } from "@ligo/core/layout";
import {
  activate,
  addBranch,
  dense,
  dropout,
  embedding,
  firstTokens,
  inputIds,
  layerStates,
  localMask,
  maskedLanguageModel,
  normalise,
  paddingMask,
  perToken,
  project,
  rotaryTables,
  rotate,
  selfAttention,
  tablesAt,
  textClassifier,
  tokenInputs,
  wantedRows,
  type Batch,
  type Model,
  type Parameters,
  type RotaryTables,
  type TransformerLayerInputs,
  type TransformerLayerOptions,
} from "@ligo/nn";
import * as tf from "@ligo/tfjs";
import { rotaryOf, typesOf, type ModernBertConfig } from "./config.js";
import {
  classHead,
  embeddingNorm,
  finalNorm,
  headNames,
  languageHead,
  layerNames,
  readoutOf,
  wordTable,
} from "./layout.js";

/** Inputs of one layer. */
interface LayerInputs extends TransformerLayerInputs {
  readonly tables: RotaryTables;
}

/** GeGLU (Shazeer, 2020) whose two inner layers are one: [rows, n] to the same. */
function gatedBranch(
  p: Parameters,
  layer: number,
  x: tf.Tensor2D,
  config: ModernBertConfig,
): tf.Tensor2D {
  const both = project(p, fillLayer(layerNames.mlpInput, layer), x);
  const [input, gate] = tf.split(both, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  const inner = activate(input, config.hidden_activation).mul<tf.Tensor2D>(gate);
  return project(p, fillLayer(layerNames.mlpOutput, layer), dropout(p, inner, config.mlp_dropout));
}

/**
 * Embeddings and layers: input of the first layer, then the output of every layer, each [batch * sequence, hidden]; the last may hold
 * the `wanted` rows alone.
 */
function encoder(
  config: ModernBertConfig,
): (p: Parameters, given: Batch, wanted?: tf.Tensor1D) => readonly tf.Tensor2D[] {
  const { attention_dropout: rate, norm_eps: epsilon } = config;
  const options: TransformerLayerOptions = {
    names: layerNames,
    heads: config.num_attention_heads,
    epsilon,
    activation: (x) => activate(x, config.hidden_activation),
    dropout: { attention: rate, branch: rate },
  };
  const types = typesOf(config);
  const rotary = rotaryOf(config);
  const run = (
    p: Parameters,
    layer: number,
    x: tf.Tensor2D,
    { tables, ...own }: LayerInputs,
    scale?: number,
  ): tf.Tensor2D => {
    const turned = tablesAt(tables, own);
    const norm = (name: string, y: tf.Tensor2D): tf.Tensor2D =>
      normalise(p, fillLayer(name, layer), y, epsilon);
    const seen = layer === 0 ? x : norm(layerNames.attentionNorm, x);
    const prepare = (y: tf.Tensor4D): tf.Tensor4D => rotate(y, turned);
    const heads = selfAttention(p, layer, seen, options, { ...own, prepare });
    const attended = addBranch(heads, wantedRows(x, own), scale);
    const inner = gatedBranch(p, layer, norm(layerNames.mlpNorm, attended), config);
    return addBranch(inner, attended, scale);
  };
  return (p, given, wanted) => {
    const ids = inputIds(given);
    const [batch, sequence] = ids.shape;
    const padded = given["attention_mask"] as tf.Tensor2D | undefined;
    const padding = padded && paddingMask(padded);
    const local = localMask(sequence, Math.floor(config.local_attention / 2));
    const masks: Readonly<Record<LayerType, tf.Tensor4D | undefined>> = {
      full_attention: padding,
      sliding_attention: padding ? local.add<tf.Tensor4D>(padding) : local,
    };
    const tables: Readonly<Record<LayerType, RotaryTables>> = {
      full_attention: rotaryTables(rotaryFrequencies(rotary.full_attention), sequence),
      sliding_attention: rotaryTables(rotaryFrequencies(rotary.sliding_attention), sequence),
    };
    const embedded = normalise(
      p,
      embeddingNorm,
      embedding(ids.flatten(), p.get(wordTable)),
      epsilon,
    );
    return layerStates<LayerInputs>(
      p,
      dropout(p, embedded, config.embedding_dropout),
      {
        layers: config.num_hidden_layers,
        wholeTokens: WHOLE_TOKENS,
        run: (layer, state, own, scale) => run(p, layer, state, own, scale),
      },
      (layer) => {
        const type = types[layer] ?? "full_attention";
        return { batch, sequence, mask: masks[type], tables: tables[type] };
      },
      wanted,
    );
  };
}

/** Tokens that token dropping spares: the class token. */
const WHOLE_TOKENS = 1;

/** The mean of the states [batch * sequence, n] of the tokens of every text: [batch, n]. */
function meanTokens(hidden: tf.Tensor2D, batch: Batch): tf.Tensor2D {
  const ids = inputIds(batch);
  const [count, sequence] = ids.shape;
  const seen = (batch["attention_mask"] ?? ids.onesLike()).toFloat().reshape([count, sequence, 1]);
  const states = hidden.reshape<tf.Tensor3D>([count, sequence, hidden.shape[1]]);
  return states.mul(seen).sum(1).div<tf.Tensor2D>(seen.sum(1));
}

/** The forward pass of ModernBERT. */
export function modernBertModel(config: ModernBertConfig, className: string): Model {
  const states = encoder(config);
  const epsilon = config.norm_eps;
  const encode = (p: Parameters, batch: Batch, wanted?: tf.Tensor1D): tf.Tensor2D =>
    normalise(p, finalNorm, states(p, batch, wanted).at(-1) as tf.Tensor2D, epsilon);
  const head = (p: Parameters, x: tf.Tensor2D): tf.Tensor2D => {
    const inner = activate(project(p, headNames.dense, x), config.classifier_activation);
    return normalise(p, headNames.norm, inner, epsilon);
  };
  const table = config.tie_word_embeddings ? wordTable : `${languageHead}.weight`;
  const bias = `${languageHead}.bias`;
  const predict = (p: Parameters, hidden: tf.Tensor2D): tf.Tensor2D =>
    dense(head(p, hidden), p.get(table), config.decoder_bias ? p.get(bias) : undefined);
  const classify = (p: Parameters, batch: Batch): tf.Tensor2D => {
    const hidden = encode(p, batch);
    const pooled =
      config.classifier_pooling === "cls" ? firstTokens(hidden, batch) : meanTokens(hidden, batch);
    return project(p, classHead, dropout(p, head(p, pooled), config.classifier_dropout));
  };
  const sizes = { vocabulary: config.vocab_size, positions: config.max_position_embeddings };
  const common: Pick<Model, "inputs" | "skipping" | "hiddenStates"> = {
    inputs: tokenInputs(sizes),
    skipping: { wholeTokens: WHOLE_TOKENS },
    hiddenStates: (p, batch) => ({ encoder: states(p, batch) }),
  };
  const models: Readonly<Record<ReturnType<typeof readoutOf>, () => Model>> = {
    "masked-lm": () => maskedLanguageModel(common, sizes, { encode, predict }),
    classifier: () => ({
      ...common,
      ...textClassifier(config, common.inputs, classify),
      forward: (p, batch) => ({ logits: classify(p, batch) }),
    }),
    bare: () => ({
      ...common,
      outputSpaces: { last_hidden_state: "embed" },
      forward: (p, batch) => ({ last_hidden_state: perToken(encode(p, batch), batch) }),
      objectives: {},
    }),
  };
  return models[readoutOf(className)]();
}
