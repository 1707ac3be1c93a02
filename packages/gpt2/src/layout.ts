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
  type Layout,
  type Parameter,
} from "@ligo/core";
import type { Gpt2Config } from "./config.js";
import { classHead, embeddingNames, finalNorm, languageHead, layerNames } from "./names.js";

/** What a class has beside the decoder. */
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
      ...attentionSpaces(config.n_embd, config.n_head),
      mlp: layerSpace(config.n_inner ?? 4 * config.n_embd),
      vocab: fixedSpace(config.vocab_size),
      position: fixedSpace(config.n_positions),
      label: fixedSpace(labelCount(config)),
    },
    stacks: { decoder: { layers: config.n_layer, norm: "pre" } },
    parameters,
    renames: [{ pattern: "^(?=wte\\.|wpe\\.|h\\.|ln_f\\.)", replacement: "transformer." }],
    drops: [
      // causal masks that old files hold; not to be mistaken for biases
      "^transformer\\.h\\.\\d+\\.attn\\.(bias|masked_bias)$",
      ...absentParts(parameters, ["lm_head.", "score."]),
    ],
    ...(className === "GPT2Model" ? { strippedPrefix: "transformer." } : {}),
  });
}
