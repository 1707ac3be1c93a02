import {
  fillLayer,
  type DecoderNames,
  type LabelFields,
  type RotaryFrequencies,
} from "@ligo/core/layout";
import * as tf from "@tensorflow/tfjs";
import { attention, causalMask, paddingMask, type AttentionShape } from "../blocks/attention.js";
import { drawMask } from "../blocks/dropout.js";
import { gatherRows } from "../blocks/embedding.js";
import { gatedMlp, type GatedMlpNames } from "../blocks/gated-mlp.js";
import { project } from "../blocks/named-layers.js";
import { rmsNormalise, type RmsNormOptions } from "../blocks/rms-norm.js";
import { rotate, rotaryTables, tablesAt, type RotaryTables } from "../blocks/rotary.js";
import type { Sequences } from "../blocks/skipping.js";
import { layerStates } from "../blocks/transformer-layer.js";
import { causalLanguageModelling } from "../heads/causal-lm.js";
import { textClassifier } from "../heads/labelled-text.js";
import { lastTokens } from "../inputs/last-tokens.js";
import { tokenInputs, tokenLabels } from "../inputs/model-inputs.js";
import { inputIds, perToken } from "../inputs/text-inputs.js";
import type { Batch, Model } from "../model.js";
import { dense, embedding, type Parameters } from "../parameters.js";

/** Differences between the members of the family: Llama, Mistral, Qwen, Gemma. */
export interface DecoderOptions {
  readonly names: DecoderNames;
  readonly layers: number;
  readonly vocabulary: number;
  /** The longest sequence. */
  readonly positions: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly norm: RmsNormOptions;
  readonly activation: (x: tf.Tensor2D) => tf.Tensor2D;
  /** Rotary frequencies of a layer; the same value for layers that share them. */
  readonly rotary: (layer: number) => RotaryFrequencies;
  /** Sliding window of a layer. Default: none. */
  readonly window?: (layer: number) => number | undefined;
  /** Factor of the attention scores. */
  readonly scale: number;
  /** Soft cap of the attention scores. */
  readonly scoreCap?: number | undefined;
  /** Soft cap of the logits. */
  readonly logitCap?: number | undefined;
  /** Factor of the embeddings. Default 1. */
  readonly embeddingScale?: number;
  /** Dropout of the attention weights. Default 0. */
  readonly attentionDropout?: number;
  /** Id of padding: a classifier reads the last token before it. */
  readonly padding: number | undefined;
}

/** The classes of a decoder. */
export interface Decoder {
  /** The language model: `logits` [batch, sequence, vocabulary]. */
  readonly causalLm: () => Model;
  /** A classifier of texts: `logits` [batch, labels] of the last token before the padding. */
  readonly classifier: (config: LabelFields) => Model;
  /** The bare model: `last_hidden_state` [batch, sequence, hidden]. */
  readonly bare: () => Model;
}

/** Inputs of one layer. */
interface LayerInputs extends Sequences {
  readonly tables: RotaryTables;
}

/** One layer on x [batch * sequence, n]: both branches normalise their input and, in some models, their output. */
function decoderLayer(
  p: Parameters,
  layer: number,
  x: tf.Tensor2D,
  options: DecoderOptions,
  inputs: LayerInputs,
  scale: number | undefined,
): tf.Tensor2D {
  const { layer: names } = options.names;
  const named = (name: string): string => fillLayer(name, layer);
  const norm = (name: string | undefined, y: tf.Tensor2D): tf.Tensor2D =>
    name === undefined ? y : rmsNormalise(p, named(name), y, options.norm);
  const add = (branch: tf.Tensor2D, onto: tf.Tensor2D): tf.Tensor2D =>
    (scale === undefined ? branch : branch.mul<tf.Tensor2D>(scale)).add(onto);
  const attended = add(
    norm(
      names.attentionOutputNorm,
      groupedAttention(p, layer, norm(names.attentionNorm, x), options, inputs),
    ),
    x,
  );
  const mlp: GatedMlpNames = {
    gate: named(names.gate),
    up: named(names.up),
    down: named(names.down),
  };
  const inner = gatedMlp(p, mlp, norm(names.mlpNorm, attended), options.activation);
  return add(norm(names.mlpOutputNorm, inner), attended);
}

/** Attention with rotary positions and fewer heads of keys and values than of queries: [batch * sequence, n] to the same. */
function groupedAttention(
  p: Parameters,
  layer: number,
  x: tf.Tensor2D,
  options: DecoderOptions,
  { batch, mask, sequence, tables }: LayerInputs,
): tf.Tensor2D {
  const { heads, keyValueHeads, names: all, scale, scoreCap } = options;
  const { layer: names } = all;
  const [q, k, v] = [names.query, names.key, names.value].map((name) =>
    project(p, fillLayer(name, layer), x, { readers: 3 }),
  ) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const headNorm = (name: string | undefined, y: tf.Tensor4D): tf.Tensor4D =>
    name === undefined
      ? y
      : rmsNormalise(
          p,
          fillLayer(name, layer),
          y.reshape<tf.Tensor2D>([-1, y.shape[3]]),
          options.norm,
        ).reshape(y.shape);
  const shape: AttentionShape = {
    batch,
    sequence,
    heads,
    keyValueHeads,
    scale,
    cap: scoreCap,
    prepare: (y, input) =>
      rotate(headNorm(input === "query" ? names.queryNorm : names.keyNorm, y), tables),
  };
  const drawn = drawMask(p, [batch, heads, sequence, sequence], options.attentionDropout ?? 0);
  return project(p, fillLayer(names.output, layer), attention(q, k, v, shape, mask, drawn));
}

/** Input of the first layer, then the output of every layer, each [batch * sequence, n]. */
function decoderStates(
  p: Parameters,
  given: Batch,
  options: DecoderOptions,
): readonly tf.Tensor2D[] {
  const { embeddingScale = 1, layers, names, rotary, window } = options;
  const ids = inputIds(given);
  const [batch, sequence] = ids.shape;
  const seen = given["attention_mask"] as tf.Tensor2D | undefined;
  const padding = seen && paddingMask(seen);
  const maskOf = once((reach: number | undefined) => {
    const causal = causalMask(sequence, reach);
    return padding ? causal.add<tf.Tensor4D>(padding) : causal;
  });
  const tablesOf = once((frequencies: RotaryFrequencies) => rotaryTables(frequencies, sequence));
  const looked = embedding(ids.flatten(), p.get(names.embedding));
  const x = embeddingScale === 1 ? looked : looked.mul<tf.Tensor2D>(embeddingScale);
  return layerStates<LayerInputs>(
    p,
    x,
    {
      layers,
      run: (layer, state, { tables, ...own }, scale) => {
        const { batch: count, positions, sequence: length } = own;
        const turned = positions ? tablesAt(tables, positions, [count, length]) : tables;
        return decoderLayer(p, layer, state, options, { ...own, tables: turned }, scale);
      },
    },
    (layer) => ({
      batch,
      sequence,
      mask: maskOf(window?.(layer)),
      tables: tablesOf(rotary(layer)),
    }),
  );
}

/** A function that makes one value for every argument. */
function once<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}

/** The forward pass of a decoder of this family. */
export function decoder(options: DecoderOptions): Decoder {
  const { logitCap, names, norm, padding, positions, vocabulary } = options;
  const decode = (p: Parameters, batch: Batch): tf.Tensor2D =>
    rmsNormalise(p, names.finalNorm, decoderStates(p, batch, options).at(-1) as tf.Tensor2D, norm);
  const predict = (p: Parameters, batch: Batch): tf.Tensor2D => {
    const logits = dense(decode(p, batch), p.get(names.head));
    return logitCap === undefined
      ? logits
      : logits
          .mul(1 / logitCap)
          .tanh()
          .mul<tf.Tensor2D>(logitCap);
  };
  const classify = (p: Parameters, batch: Batch): tf.Tensor2D =>
    project(p, names.classHead, gatherRows(lastTokens(inputIds(batch), padding), decode(p, batch)));
  const sizes = { vocabulary, positions };
  const common: Pick<Model, "inputs" | "skipping" | "hiddenStates"> = {
    inputs: tokenInputs(sizes),
    skipping: { wholeTokens: 0 },
    hiddenStates: (p, batch) => ({ decoder: decoderStates(p, batch, options) }),
  };
  return {
    causalLm: () => ({
      ...common,
      inputs: { ...common.inputs, ...tokenLabels(sizes) },
      forward: (p, batch) => ({ logits: perToken(predict(p, batch), batch) }),
      objectives: { "causal-lm": causalLanguageModelling(predict) },
    }),
    classifier: (config) => ({
      ...common,
      ...textClassifier(config, common.inputs, classify),
      forward: (p, batch) => ({ logits: classify(p, batch) }),
    }),
    bare: () => ({
      ...common,
      forward: (p, batch) => ({ last_hidden_state: perToken(decode(p, batch), batch) }),
      objectives: {},
    }),
  };
}
