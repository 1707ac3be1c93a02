import type { Axis, Layout, Parameter } from "@ligo/core";
import {
  absentParts,
  attentionSpaces,
  axis,
  createLayout,
  decoderClasses,
  decoderReadout,
  embeddingTable,
  fixedSpace,
  inStack,
  labelCount,
  layerSpace,
  linearLayer,
  modelSpace,
  normLayer,
  ofClass,
  rotaryFrequencies,
  type DecoderClass,
  type TransformerLayerNames,
  tokenSpace,
} from "@ligo/core/layout";
import { rotaryOf, type GptNeoXConfig } from "./config.js";

const LAYER = "gpt_neox.layers.{i}";

/** Start of the names of a layer's buffers, as a pattern. */
const ATTENTION = "^gpt_neox\\.layers\\.\\d+\\.attention\\.";

/** Parts of a layer; one linear layer makes query, key and value, head by head. */
export const layerNames: TransformerLayerNames = {
  queryKeyValue: [`${LAYER}.attention.query_key_value`],
  attentionOutput: `${LAYER}.attention.dense`,
  attentionNorm: `${LAYER}.input_layernorm`,
  mlpInput: `${LAYER}.mlp.dense_h_to_4h`,
  mlpOutput: `${LAYER}.mlp.dense_4h_to_h`,
  mlpNorm: `${LAYER}.post_attention_layernorm`,
};

/** The norm after the last layer. */
export const finalNorm = "gpt_neox.final_layer_norm";

/** The readout of the language model, the one of the classifier, and the table that the first may be tied to. */
export const headNames: Readonly<Record<"head" | "classHead" | "embedding", string>> = {
  head: "embed_out.weight",
  classHead: "score",
  embedding: "gpt_neox.embed_in.weight",
};

const CLASSES = decoderClasses("GPTNeoX");

/** Hugging Face classes this package reads, grows and writes. */
export const GPT_NEOX_CLASSES: readonly string[] = Object.keys(CLASSES);

/** The readout of a class. Throws `config/unknown-class`. */
export const readoutOf = (className: string): DecoderClass => ofClass(CLASSES, className);

function layer({ attention_bias: bias }: GptNeoXConfig): readonly Parameter[] {
  const [read, write] = [axis("embed", "in"), axis("embed", "out")];
  const [heads] = layerNames.queryKeyValue;
  const fused: Axis = { ...axis(["query", "key", "value"], "out"), interleavedBy: "head" };
  return [
    ...normLayer(layerNames.attentionNorm, "embed"),
    ...normLayer(layerNames.mlpNorm, "embed"),
    ...linearLayer(heads, fused, read, { bias }),
    ...linearLayer(layerNames.attentionOutput, write, axis("value", "in"), { bias }),
    ...linearLayer(layerNames.mlpInput, axis("mlp", "out"), read),
    ...linearLayer(layerNames.mlpOutput, write, axis("mlp", "in")),
  ];
}

/**
 * The layout of a GPT-NeoX checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Throws
 * `config/unknown-class`.
 */
export function gptNeoXLayout(config: GptNeoXConfig, className: string): Layout {
  const kind = readoutOf(className);
  const tied = kind === "causal-lm" && config.tie_word_embeddings;
  const parameters = [
    embeddingTable(headNames.embedding, "vocab"),
    ...inStack("decoder", layer(config)),
    ...normLayer(finalNorm, "embed", { readout: tied }),
    ...decoderReadout(headNames, kind, tied),
  ];
  const { factor, inverse } = rotaryFrequencies(rotaryOf(config));
  const { hidden_size: width, num_attention_heads: heads } = config;
  return createLayout({
    architecture: "gpt_neox",
    className,
    spaces: {
      embed: modelSpace(width),
      // cosines and sines that are scaled scale queries and keys
      ...attentionSpaces(width, heads, {
        rotary: [inverse],
        scale: factor ** 2 * Math.sqrt(heads / width),
      }),
      mlp: layerSpace(config.intermediate_size),
      vocab: tokenSpace(config.vocab_size),
      label: fixedSpace(labelCount(config)),
    },
    stacks: { decoder: { layers: config.num_hidden_layers, norm: "pre" } },
    parameters,
    renames: [
      { pattern: "^(?=embed_in\\.|layers\\.|final_layer_norm\\.)", replacement: "gpt_neox." },
    ],
    // causal masks and tables of speeds that old files hold
    buffers: [
      { pattern: `${ATTENTION}bias$`, holds: "causal-mask" },
      { pattern: `${ATTENTION}masked_bias$`, holds: "mask-value" },
      { pattern: `${ATTENTION}rotary_emb\\.inv_freq$`, holds: inverse },
    ],
    drops: absentParts(parameters, ["embed_out.", "score."]),
    ...(kind === "bare" ? { strippedPrefix: "gpt_neox." } : {}),
  });
}
