import type { Layout, Parameter } from "@ligo/core";
import {
  absentParts,
  attentionSpaces,
  axis,
  createLayout,
  embeddingTable,
  fixedSpace,
  labelCount,
  layerSpace,
  linearLayer,
  modelSpace,
  normLayer,
  ofClass,
  parameter,
  transformerLayer,
  type TransformerLayerNames,
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

/** The readout of the language model, and the one of the classifier. */
export const languageHead = "lm_head.weight";
export const classHead = "score";

/** Parameters of a class beside the decoder. */
const HEADS: Readonly<Record<string, (config: Gpt2Config) => readonly Parameter[]>> = {
  GPT2LMHeadModel: ({ tie_word_embeddings: tied }) => [
    parameter(
      languageHead,
      [axis("vocab", "fixed"), axis("embed", "in")],
      tied ? { tiedTo: embeddingNames.word } : {},
    ),
  ],
  GPT2ForSequenceClassification: () =>
    linearLayer(classHead, axis("label", "fixed"), axis("embed", "in"), { bias: false }),
  GPT2Model: () => [],
};

/** Hugging Face classes this package reads, grows and writes. */
export const GPT2_CLASSES: readonly string[] = Object.keys(HEADS);

/**
 * The layout of a GPT-2 checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Throws
 * `config/unknown-class`.
 */
export function gpt2Layout(config: Gpt2Config, className: string): Layout {
  const head = ofClass(HEADS, className)(config);
  const parameters = [
    embeddingTable(embeddingNames.word, "vocab"),
    embeddingTable(embeddingNames.position, "position"),
    ...transformerLayer(layerNames, { stack: "decoder", norm: "pre", storage: "in-out" }),
    ...normLayer(finalNorm, "embed", { readout: head.some(({ tiedTo }) => tiedTo !== undefined) }),
    ...head,
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
      vocab: fixedSpace(config.vocab_size),
      position: fixedSpace(config.n_positions),
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
    ...(className === "GPT2Model" ? { strippedPrefix: "transformer." } : {}),
  });
}
