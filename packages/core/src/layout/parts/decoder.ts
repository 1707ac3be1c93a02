import { labelCount } from "../config-fields.js";
import type { DecoderConfig } from "../decoder-config.js";
import type { Layout, Parameter } from "../layout.js";
import { rotaryOptions } from "../rotary-config.js";
import { absentParts, createLayout } from "./create-layout.js";
import { axis, embeddingTable, inStack, linearLayer, normLayer, parameter } from "./parameters.js";
import { rotaryFrequencies, type RotaryFrequencies } from "./rotary.js";
import {
  fixedSpace,
  groupedAttentionSpaces,
  layerSpace,
  modelSpace,
  tokenSpace,
  withHeadNorms,
} from "./spaces.js";

/** Parts of a layer of a decoder, `{i}` for its number and without `.weight` and `.bias`. */
export interface DecoderLayerNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly output: string;
  /** Norms of every head's queries and keys (Qwen3, Gemma 3). */
  readonly queryNorm?: string;
  readonly keyNorm?: string;
  readonly attentionNorm: string;
  readonly mlpNorm: string;
  /** Norms of what the branches add (Gemma 2). */
  readonly attentionOutputNorm?: string;
  readonly mlpOutputNorm?: string;
  readonly gate: string;
  readonly up: string;
  readonly down: string;
}

/** Parts of a decoder: one table serves the layout and the forward pass. */
export interface DecoderNames {
  readonly layer: DecoderLayerNames;
  /** The embedding table, by its full name. */
  readonly embedding: string;
  readonly finalNorm: string;
  /** The readout of a language model, by its full name; the embedding table where it is tied. */
  readonly head: string;
  /** The readout of a classifier. */
  readonly classHead: string;
}

/** The names of Hugging Face's Llama and its relatives. */
export const decoderNames: DecoderNames = {
  layer: {
    query: "model.layers.{i}.self_attn.q_proj",
    key: "model.layers.{i}.self_attn.k_proj",
    value: "model.layers.{i}.self_attn.v_proj",
    output: "model.layers.{i}.self_attn.o_proj",
    attentionNorm: "model.layers.{i}.input_layernorm",
    mlpNorm: "model.layers.{i}.post_attention_layernorm",
    gate: "model.layers.{i}.mlp.gate_proj",
    up: "model.layers.{i}.mlp.up_proj",
    down: "model.layers.{i}.mlp.down_proj",
  },
  embedding: "model.embed_tokens.weight",
  finalNorm: "model.norm",
  head: "lm_head.weight",
  classHead: "score",
};

/** Readouts of a class: a vocabulary, labels, or none (the bare model, whose names have no prefix on disk). */
export type DecoderClass = "causal-lm" | "classifier" | "bare";

/** Differences between the layouts of the family's members. */
export interface DecoderLayoutOptions {
  /** Default {@link decoderNames}. Norms of heads and of what branches add are there where they have names. */
  readonly names?: DecoderNames;
  /** Whether queries, keys and values have a bias, and whether attention's output has. Default `attention_bias` both. */
  readonly biases?: readonly [queryKeyValue: boolean, output: boolean];
  /** Whether gains are stored less one (Gemma). Default false. */
  readonly minusOne?: boolean;
  /** Factor of the embeddings that depends on their size (Gemma). Default 1. */
  readonly embeddingScale?: number;
  /** Factor of the scores. Default 1/sqrt(`head_dim`). */
  readonly scale?: number;
  /** Rotary embeddings of every kind of layer. Default one, as the config says. */
  readonly rotary?: readonly RotaryFrequencies[];
  /** The kind of every layer, where there are several. */
  readonly kinds?: readonly string[];
}

/** The layout of a checkpoint of Llama or a relative: names and shapes as Hugging Face's `save_pretrained` writes them. */
export function decoderLayout(
  config: DecoderConfig,
  className: string,
  kind: DecoderClass,
  options: DecoderLayoutOptions = {},
): Layout {
  const { embeddingScale = 1, minusOne = false, names = decoderNames } = options;
  const { scale = 1 / Math.sqrt(config.head_dim), kinds } = options;
  const tied = kind === "causal-lm" && config.tie_word_embeddings;
  const table = embeddingTable(names.embedding, "vocab");
  const parameters = [
    embeddingScale === 1 ? table : { ...table, multiplier: embeddingScale },
    ...inStack("decoder", layerParameters(config, options)),
    ...normLayer(names.finalNorm, "embed", { kind: "rms", readout: tied, minusOne }),
    ...decoderReadout(names, kind, tied),
  ];
  const rotary = options.rotary ?? [rotaryFrequencies(rotaryOptions(config, config.head_dim))];
  const heads = groupedAttentionSpaces({
    heads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads,
    headSize: config.head_dim,
    rotary: rotary.map(({ inverse }) => inverse),
    // cosines and sines that are scaled scale queries and keys
    scale: (rotary[0]?.factor ?? 1) ** 2 * scale,
  });
  return createLayout({
    architecture: config.model_type,
    className,
    spaces: {
      embed: modelSpace(config.hidden_size),
      ...(names.layer.queryNorm === undefined ? heads : withHeadNorms(heads)),
      mlp: layerSpace(config.intermediate_size),
      vocab: tokenSpace(config.vocab_size),
      label: fixedSpace(labelCount(config)),
    },
    stacks: {
      decoder: {
        layers: config.num_hidden_layers,
        norm: "pre",
        ...(kinds === undefined || new Set(kinds).size < 2 ? {} : { kinds }),
      },
    },
    parameters,
    renames: [{ pattern: "^(?=embed_tokens\\.|layers\\.|norm\\.)", replacement: "model." }],
    // tables of speeds that old files hold
    buffers: [
      {
        pattern: "^model\\.(?:layers\\.\\d+\\.self_attn\\.)?rotary_emb\\.inv_freq$",
        holds: rotary[0]?.inverse ?? [],
      },
    ],
    drops: absentParts(parameters, ["lm_head.", `${names.classHead}.`]),
    ...(kind === "bare" ? { strippedPrefix: "model." } : {}),
  });
}

function layerParameters(
  config: DecoderConfig,
  { biases, minusOne = false, names: all = decoderNames }: DecoderLayoutOptions,
): readonly Parameter[] {
  const { layer: names } = all;
  const [read, write] = [axis("embed", "in"), axis("embed", "out")];
  const [made, output] = biases ?? [config.attention_bias, config.attention_bias];
  const mlp = { bias: config.mlp_bias };
  const norm = (name: string | undefined, space = "embed"): readonly Parameter[] =>
    name === undefined ? [] : normLayer(name, space, { kind: "rms", minusOne });
  return [
    ...norm(names.attentionNorm),
    ...linearLayer(names.query, axis("query", "out"), read, { bias: made }),
    ...linearLayer(names.key, axis("key", "out"), read, { bias: made }),
    ...linearLayer(names.value, axis("value", "out"), read, { bias: made }),
    ...norm(names.queryNorm, "queryChannel"),
    ...norm(names.keyNorm, "keyChannel"),
    ...linearLayer(names.output, write, axis("context", "in"), { bias: output }),
    ...norm(names.attentionOutputNorm),
    ...norm(names.mlpNorm),
    ...linearLayer(names.gate, axis("mlp", "out"), read, mlp),
    ...linearLayer(names.up, axis("mlp", "out"), read, mlp),
    ...linearLayer(names.down, write, axis("mlp", "in"), mlp),
    ...norm(names.mlpOutputNorm),
  ];
}

/**
 * Parameters of a class behind the decoder: a readout over the vocabulary, `tied` to the embedding table or not, one over labels
 * without a bias, or none.
 */
export function decoderReadout(
  names: Pick<DecoderNames, "embedding" | "head" | "classHead">,
  kind: DecoderClass,
  tied: boolean,
): readonly Parameter[] {
  const read = axis("embed", "in");
  if (kind === "bare") return [];
  if (kind === "classifier")
    return linearLayer(names.classHead, axis("label", "fixed"), read, { bias: false });
  return [
    parameter(names.head, [axis("vocab", "fixed"), read], tied ? { tiedTo: names.embedding } : {}),
  ];
}
