import type { Layout } from "@ligo/core";
import {
  absentParts,
  attentionSpaces,
  createLayout,
  decoderReadout,
  embeddingTable,
  fixedSpace,
  labelCount,
  layerSpace,
  modelSpace,
  normLayer,
  ofClass,
  transformerLayer,
  type DecoderClass,
  type TransformerLayerNames,
  positionSpace,
  tokenSpace,
} from "@ligo/core/layout";
import type { Gpt2Config } from "./config.js";

const LAYER = "transformer.h.{i}";

/** Parts of a layer; `c_attn` makes queries, keys and values behind each other. */
export const layerNames: TransformerLayerNames = {
  queryKeyValue: [`${LAYER}.attn.c_attn`],
  attentionOutput: `${LAYER}.attn.c_proj`,
  attentionNorm: `${LAYER}.ln_1`,
  mlpInput: `${LAYER}.mlp.c_fc`,
  mlpOutput: `${LAYER}.mlp.c_proj`,
  mlpNorm: `${LAYER}.ln_2`,
};

/** Tables that are added up. */
export const embeddingNames: Readonly<Record<"word" | "position", string>> = {
  word: "transformer.wte.weight",
  position: "transformer.wpe.weight",
};

/** The norm after the last layer. */
export const finalNorm = "transformer.ln_f";

/** The readout of the language model, the one of the classifier, and the table that the first may be tied to. */
export const headNames: Readonly<Record<"head" | "classHead" | "embedding", string>> = {
  head: "lm_head.weight",
  classHead: "score",
  embedding: embeddingNames.word,
};

const CLASSES: Readonly<Record<string, DecoderClass>> = {
  GPT2LMHeadModel: "causal-lm",
  GPT2ForSequenceClassification: "classifier",
  GPT2Model: "bare",
};

/** Hugging Face classes this package reads, grows and writes. */
export const GPT2_CLASSES: readonly string[] = Object.keys(CLASSES);

/** The readout of a class. Throws `config/unknown-class`. */
export const readoutOf = (className: string): DecoderClass => ofClass(CLASSES, className);

/**
 * The layout of a GPT-2 checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Throws
 * `config/unknown-class`.
 */
export function gpt2Layout(config: Gpt2Config, className: string): Layout {
  const kind = readoutOf(className);
  const tied = kind === "causal-lm" && config.tie_word_embeddings;
  const parameters = [
    embeddingTable(embeddingNames.word, "vocab"),
    embeddingTable(embeddingNames.position, "position"),
    ...transformerLayer(layerNames, { stack: "decoder", norm: "pre", storage: "in-out" }),
    ...normLayer(finalNorm, "embed", { readout: tied }),
    ...decoderReadout(headNames, kind, tied),
  ];
  return createLayout({
    architecture: "gpt2",
    className,
    spaces: {
      embed: modelSpace(config.n_embd),
      ...attentionSpaces(config.n_embd, config.n_head, {
        ...(config.scale_attn_weights ? {} : { scale: 1 }),
        byLayer: config.scale_attn_by_inverse_layer_idx,
      }),
      mlp: layerSpace(config.n_inner ?? 4 * config.n_embd),
      vocab: tokenSpace(config.vocab_size),
      position: positionSpace(config.n_positions),
      label: fixedSpace(labelCount(config)),
    },
    stacks: { decoder: { layers: config.n_layer, norm: "pre" } },
    parameters,
    renames: [{ pattern: "^(?=wte\\.|wpe\\.|h\\.|ln_f\\.)", replacement: "transformer." }],
    // causal masks that old files hold; not to be mistaken for biases
    buffers: [
      { pattern: "^transformer\\.h\\.\\d+\\.attn\\.bias$", holds: "causal-mask" },
      { pattern: "^transformer\\.h\\.\\d+\\.attn\\.masked_bias$", holds: "mask-value" },
    ],
    drops: absentParts(parameters, ["lm_head.", "score."]),
    ...(kind === "bare" ? { strippedPrefix: "transformer." } : {}),
  });
}
