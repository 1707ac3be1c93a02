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
  maskedLmHead,
  modelSpace,
  normLayer,
  ofClass,
  transformerLayer,
  type Layout,
  type Parameter,
} from "@ligo/core";
import type { RobertaConfig } from "./config.js";
import { embeddingNames, embeddingNorm, headNames, layerNames } from "./names.js";

/** A linear layer on the first token's hidden state. */
const pooler = (name: string): readonly Parameter[] =>
  linearLayer(name, axis("pooler", "out"), axis("embed", "in"));

/** What a class has beside the encoder. */
const HEADS: Readonly<Record<string, (config: RobertaConfig) => readonly Parameter[]>> = {
  RobertaForMaskedLM: (config) =>
    maskedLmHead(headNames, { table: embeddingNames.word, tied: config.tie_word_embeddings }),
  RobertaForQuestionAnswering: () =>
    linearLayer("qa_outputs", axis("label", "fixed"), axis("embed", "in")),
  RobertaForSequenceClassification: () => [
    ...pooler("classifier.dense"),
    ...linearLayer("classifier.out_proj", axis("label", "fixed"), axis("pooler", "in")),
  ],
  RobertaModel: () => pooler("roberta.pooler.dense"),
};

/** Hugging Face classes this package reads, grows and writes. */
export const ROBERTA_CLASSES: readonly string[] = Object.keys(HEADS);

/**
 * The layout of a RoBERTa checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Throws
 * `config/unknown-class`.
 */
export function robertaLayout(config: RobertaConfig, className: string): Layout {
  const parameters = [
    embeddingTable(embeddingNames.word, "vocab"),
    embeddingTable(embeddingNames.position, "position"),
    embeddingTable(embeddingNames.type, "type"),
    ...normLayer(embeddingNorm, "embed"),
    ...transformerLayer(layerNames, { stack: "encoder", norm: "post" }),
    ...ofClass(HEADS, className)(config),
  ];
  return createLayout({
    architecture: "roberta",
    className,
    spaces: {
      embed: modelSpace(config.hidden_size),
      ...attentionSpaces(config.hidden_size, config.num_attention_heads),
      mlp: layerSpace(config.intermediate_size),
      head: modelSpace(config.hidden_size),
      pooler: modelSpace(config.hidden_size),
      vocab: fixedSpace(config.vocab_size),
      position: fixedSpace(config.max_position_embeddings),
      type: fixedSpace(config.type_vocab_size),
      label: fixedSpace(labelCount(config)),
    },
    stacks: { encoder: { layers: config.num_hidden_layers, norm: "post" } },
    parameters,
    renames: [
      { pattern: "\\bLayerNorm\\.gamma$", replacement: "LayerNorm.weight" },
      { pattern: "\\bLayerNorm\\.beta$", replacement: "LayerNorm.bias" },
      { pattern: "^lm_head\\.weight$", replacement: "lm_head.decoder.weight" },
      { pattern: "^(?=embeddings\\.|encoder\\.|pooler\\.)", replacement: "roberta." },
    ],
    drops: [
      "^roberta\\.embeddings\\.(position|token_type)_ids$",
      // the original releases keep a pooler beside the head, and the head beside a bare model
      ...absentParts(parameters, ["roberta.pooler.", "lm_head.", "classifier."]),
    ],
    ...(className === "RobertaModel" ? { strippedPrefix: "roberta." } : {}),
  });
}
