import {
  decoderNames,
  fillLayer,
  rotaryFrequencies,
  rotaryOptions,
  type ActivationName,
  type DecoderClass,
  type DecoderConfig,
  type DecoderNames,
  type LayerType,
  type RotaryFrequencies,
} from "@ligo/core/layout";
import type * as tf from "@ligo/tfjs";
import { activate } from "../blocks/activation.js";
import { attention, type AttentionShape } from "../blocks/attention.js";
import { drawMask } from "../blocks/dropout.js";
import { gatedMlp, type GatedMlpNames } from "../blocks/gated-mlp.js";
import { project } from "../blocks/named-layers.js";
import { rmsNormalise, type RmsNormOptions } from "../blocks/rms-norm.js";
import { rotate, rotaryTables, tablesAt, type RotaryTables } from "../blocks/rotary.js";
import type { Sequences } from "../blocks/skipping.js";
import { addBranch, layerStates } from "../blocks/transformer-layer.js";
import { inputIds } from "../inputs/text-inputs.js";
import type { Batch, Model } from "../model.js";
import { dense, embedding, type Parameters } from "../parameters.js";
import { causalDecoder, decoderMask } from "./causal-decoder.js";

/** Differences between the members of the family: Llama, Mistral, Qwen, Gemma. */
export interface DecoderOptions {
  /** Default `decoderNames`. */
  readonly names?: DecoderNames;
  /** Added to the gains of norms as they are stored: 1 for Gemma's. Default 0. */
  readonly gainOffset?: number;
  /** Default `hidden_act`. */
  readonly activation?: ActivationName;
  /** The type of every layer. Default: all see a window where the config has one. */
  readonly types?: readonly LayerType[];
  /** Rotary frequencies of a layer; the same value for layers that share them. Default: those of the config. */
  readonly rotary?: (layer: number) => RotaryFrequencies;
  /** Factor of the attention scores. Default 1 / sqrt(`head_dim`). */
  readonly scale?: number;
  /** Soft cap of the attention scores. */
  readonly scoreCap?: number | null;
  /** Soft cap of the language model's logits. */
  readonly logitCap?: number | null;
  /** Factor of the embeddings. Default 1. */
  readonly embeddingScale?: number;
}

/** Choices of a config and its family, made. */
interface DecoderParts {
  readonly config: DecoderConfig;
  readonly names: DecoderNames;
  readonly norm: RmsNormOptions;
  readonly activation: (x: tf.Tensor2D) => tf.Tensor2D;
  readonly rotary: (layer: number) => RotaryFrequencies;
  /** Sliding window of a layer. */
  readonly window: (layer: number) => number | undefined;
  readonly scale: number;
  readonly scoreCap: number | undefined;
  readonly embeddingScale: number;
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
  options: DecoderParts,
  inputs: LayerInputs,
  scale: number | undefined,
): tf.Tensor2D {
  const { layer: names } = options.names;
  const named = (name: string): string => fillLayer(name, layer);
  const norm = (name: string | undefined, y: tf.Tensor2D): tf.Tensor2D =>
    name === undefined ? y : rmsNormalise(p, named(name), y, options.norm);
  const seen = groupedAttention(p, layer, norm(names.attentionNorm, x), options, inputs);
  const attended = addBranch(norm(names.attentionOutputNorm, seen), x, scale);
  const mlp: GatedMlpNames = {
    gate: named(names.gate),
    up: named(names.up),
    down: named(names.down),
  };
  const inner = gatedMlp(p, mlp, norm(names.mlpNorm, attended), options.activation);
  return addBranch(norm(names.mlpOutputNorm, inner), attended, scale);
}

/** Attention with rotary positions and fewer heads of keys and values than of queries: [batch * sequence, n] to the same. */
function groupedAttention(
  p: Parameters,
  layer: number,
  x: tf.Tensor2D,
  options: DecoderParts,
  { batch, mask, sequence, tables }: LayerInputs,
): tf.Tensor2D {
  const { config, names: all, scale, scoreCap } = options;
  const { attention_dropout: rate, num_attention_heads: heads } = config;
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
    keyValueHeads: config.num_key_value_heads,
    scale,
    cap: scoreCap,
    prepare: (y, input) =>
      rotate(headNorm(input === "query" ? names.queryNorm : names.keyNorm, y), tables),
  };
  const drawn = drawMask(p, [batch, heads, sequence, sequence], rate);
  return project(p, fillLayer(names.output, layer), attention(q, k, v, shape, mask, drawn));
}

/** Input of the first layer, then the output of every layer, each [batch * sequence, n]. */
function decoderStates(p: Parameters, given: Batch, options: DecoderParts): readonly tf.Tensor2D[] {
  const { config, embeddingScale, names, rotary, window } = options;
  const ids = inputIds(given);
  const [batch, sequence] = ids.shape;
  const maskOf = once((reach: number | undefined) => decoderMask(given, reach));
  const tablesOf = once((frequencies: RotaryFrequencies) => rotaryTables(frequencies, sequence));
  const looked = embedding(ids.flatten(), p.get(names.embedding));
  const x = embeddingScale === 1 ? looked : looked.mul<tf.Tensor2D>(embeddingScale);
  return layerStates<LayerInputs>(
    p,
    x,
    {
      layers: config.num_hidden_layers,
      run: (layer, state, own, scale) =>
        decoderLayer(
          p,
          layer,
          state,
          options,
          { ...own, tables: tablesAt(own.tables, own) },
          scale,
        ),
    },
    (layer) => ({
      batch,
      sequence,
      mask: maskOf(window(layer)),
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

/** A class of a decoder of this family. */
export function decoder(
  config: DecoderConfig,
  kind: DecoderClass,
  options: DecoderOptions = {},
): Model {
  const { gainOffset = 0, logitCap, names = decoderNames, types } = options;
  const speeds = rotaryFrequencies(rotaryOptions(config, config.head_dim));
  const parts: DecoderParts = {
    config,
    names,
    norm: { epsilon: config.rms_norm_eps, offset: gainOffset },
    activation: (x) => activate(x, options.activation ?? config.hidden_act),
    rotary: options.rotary ?? (() => speeds),
    window: (layer) =>
      types === undefined || types[layer] === "sliding_attention"
        ? (config.sliding_window ?? undefined)
        : undefined,
    scale: options.scale ?? 1 / Math.sqrt(config.head_dim),
    scoreCap: options.scoreCap ?? undefined,
    embeddingScale: options.embeddingScale ?? 1,
  };
  const head = config.tie_word_embeddings ? names.embedding : names.head;
  return causalDecoder(kind, config, {
    states: (p, batch) => decoderStates(p, batch, parts),
    finish: (p, x) => rmsNormalise(p, names.finalNorm, x, parts.norm),
    readout(p, x) {
      const logits = dense(x, p.get(head));
      return logitCap
        ? logits
            .mul(1 / logitCap)
            .tanh()
            .mul(logitCap)
        : logits;
    },
    classHead: names.classHead,
    sizes: { vocabulary: config.vocab_size, positions: config.max_position_embeddings },
    padding: config.pad_token_id,
  });
}
