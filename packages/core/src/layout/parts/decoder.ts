import { labelCount } from "../config-fields.js";
import type { DecoderConfig } from "../decoder-config.js";
import type { Layout, Parameter } from "../layout.js";
import { rotaryOptions } from "../rotary-config.js";
import { absentParts, createLayout } from "./create-layout.js";
import { axis, embeddingTable, inStack, linearLayer, normLayer, parameter } from "./parameters.js";
import { rotaryFrequencies } from "./rotary.js";
import { fixedSpace, groupedAttentionSpaces, layerSpace, modelSpace } from "./spaces.js";

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

/** The layout of a checkpoint of Llama or a relative: names and shapes as Hugging Face's `save_pretrained` writes them. */
export function decoderLayout(
  config: DecoderConfig,
  className: string,
  kind: DecoderClass,
  names: DecoderNames = decoderNames,
): Layout {
  const tied = kind === "causal-lm" && config.tie_word_embeddings;
  const parameters = [
    embeddingTable(names.embedding, "vocab"),
    ...inStack("decoder", layerParameters(names.layer, config)),
    ...normLayer(names.finalNorm, "embed", { kind: "rms", readout: tied }),
    ...readout(names, kind, tied),
  ];
  const turning = rotaryFrequencies(rotaryOptions(config, config.head_dim));
  return createLayout({
    architecture: config.model_type,
    className,
    spaces: {
      embed: modelSpace(config.hidden_size),
      ...groupedAttentionSpaces({
        heads: config.num_attention_heads,
        keyValueHeads: config.num_key_value_heads,
        headSize: config.head_dim,
        rotary: [turning.inverse],
        // cosines and sines that are scaled scale queries and keys
        scale: turning.factor ** 2 / Math.sqrt(config.head_dim),
      }),
      mlp: layerSpace(config.intermediate_size),
      vocab: fixedSpace(config.vocab_size),
      label: fixedSpace(labelCount(config)),
    },
    stacks: { decoder: { layers: config.num_hidden_layers, norm: "pre" } },
    parameters,
    renames: [{ pattern: "^(?=embed_tokens\\.|layers\\.|norm\\.)", replacement: "model." }],
    drops: [
      // tables of speeds that old files hold
      "^model\\.(?:layers\\.\\d+\\.self_attn\\.)?rotary_emb\\.inv_freq$",
      ...absentParts(parameters, ["lm_head.", `${names.classHead}.`]),
    ],
    ...(kind === "bare" ? { strippedPrefix: "model." } : {}),
  });
}

function layerParameters(names: DecoderLayerNames, config: DecoderConfig): readonly Parameter[] {
  const [read, write] = [axis("embed", "in"), axis("embed", "out")];
  const [attention, mlp] = [{ bias: config.attention_bias }, { bias: config.mlp_bias }];
  const norm = (name: string): readonly Parameter[] => normLayer(name, "embed", { kind: "rms" });
  return [
    ...norm(names.attentionNorm),
    ...linearLayer(names.query, axis("query", "out"), read, attention),
    ...linearLayer(names.key, axis("key", "out"), read, attention),
    ...linearLayer(names.value, axis("value", "out"), read, attention),
    ...linearLayer(names.output, write, axis("context", "in"), attention),
    ...norm(names.mlpNorm),
    ...linearLayer(names.gate, axis("mlp", "out"), read, mlp),
    ...linearLayer(names.up, axis("mlp", "out"), read, mlp),
    ...linearLayer(names.down, write, axis("mlp", "in"), mlp),
  ];
}

function readout(names: DecoderNames, kind: DecoderClass, tied: boolean): readonly Parameter[] {
  const read = axis("embed", "in");
  if (kind === "bare") return [];
  if (kind === "classifier")
    return linearLayer(names.classHead, axis("label", "fixed"), read, { bias: false });
  return [
    parameter(names.head, [axis("vocab", "fixed"), read], tied ? { tiedTo: names.embedding } : {}),
  ];
}
