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
import type { BertConfig } from "./config.js";
import { embeddingNames, embeddingNorm, headNames, layerNames } from "./names.js";

const pooler = linearLayer("bert.pooler.dense", axis("pooler", "out"), axis("embed", "in"));
const labels = (name: string): readonly Parameter[] =>
  linearLayer(name, axis("label", "fixed"), axis("pooler", "in"));
const predictions = (config: BertConfig): readonly Parameter[] =>
  maskedLmHead(headNames, { table: embeddingNames.word, tied: config.tie_word_embeddings });

/** What a class has beside the encoder. */
const HEADS: Readonly<Record<string, (config: BertConfig) => readonly Parameter[]>> = {
  BertForMaskedLM: predictions,
  BertForPreTraining: (config) => [
    ...pooler,
    ...predictions(config),
    ...labels("cls.seq_relationship"),
  ],
  BertForQuestionAnswering: () =>
    linearLayer("qa_outputs", axis("label", "fixed"), axis("embed", "in")),
  BertForSequenceClassification: () => [...pooler, ...labels("classifier")],
  BertModel: () => pooler,
};

/** Hugging Face classes this package reads, grows and writes. */
export const BERT_CLASSES: readonly string[] = Object.keys(HEADS);

/**
 * The layout of a BERT checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Throws
 * `config/unknown-class`.
 */
export function bertLayout(config: BertConfig, className: string): Layout {
  const parameters = [
    embeddingTable(embeddingNames.word, "vocab"),
    embeddingTable(embeddingNames.position, "position"),
    embeddingTable(embeddingNames.type, "type"),
    ...normLayer(embeddingNorm, "embed"),
    ...transformerLayer(layerNames, { stack: "encoder", norm: "post" }),
    ...ofClass(HEADS, className)(config),
  ];
  return createLayout({
    architecture: "bert",
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
      label: fixedSpace(className === "BertForPreTraining" ? 2 : labelCount(config)),
    },
    stacks: { encoder: { layers: config.num_hidden_layers, norm: "post" } },
    parameters,
    renames: [
      { pattern: "\\bLayerNorm\\.gamma$", replacement: "LayerNorm.weight" },
      { pattern: "\\bLayerNorm\\.beta$", replacement: "LayerNorm.bias" },
      { pattern: "^(?=embeddings\\.|encoder\\.|pooler\\.)", replacement: "bert." },
    ],
    drops: [
      "^bert\\.embeddings\\.position_ids$",
      // the original releases keep pooler and next-sentence head beside a masked-LM head
      ...absentParts(parameters, ["bert.pooler.", "cls.seq_relationship.", "cls.predictions."]),
    ],
    ...(className === "BertModel" ? { strippedPrefix: "bert." } : {}),
  });
}
