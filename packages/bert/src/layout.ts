import type { Layout } from "@ligo/core";
import {
  ofClass,
  textEncoderLayout,
  textEncoderNames,
  type TextEncoderClass,
  type TextEncoderNames,
} from "@ligo/core/layout";
import type { BertConfig } from "./config.js";

/** The names of BERT's parts, of layout and forward pass alike. */
export const bertNames: TextEncoderNames = textEncoderNames("bert", {
  dense: "cls.predictions.transform.dense",
  norm: "cls.predictions.transform.LayerNorm",
  decoder: "cls.predictions.decoder",
  bias: "cls.predictions.bias",
});

const { pooler: pooled } = bertNames;
const CLASSES: Readonly<Record<string, TextEncoderClass>> = {
  BertForMaskedLM: { predictions: true },
  BertForPreTraining: {
    pooled,
    predictions: true,
    labels: "cls.seq_relationship",
    labelCount: 2,
  },
  BertForQuestionAnswering: { answers: true },
  BertForSequenceClassification: { pooled, labels: "classifier" },
  BertModel: { pooled, bare: true },
};

/** Hugging Face classes this package reads, grows and writes. */
export const BERT_CLASSES: readonly string[] = Object.keys(CLASSES);

/**
 * The layout of a BERT checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Throws
 * `config/unknown-class`.
 */
export function bertLayout(config: BertConfig, className: string): Layout {
  return textEncoderLayout(config, className, bertNames, ofClass(CLASSES, className), {
    buffers: [{ pattern: "^bert\\.embeddings\\.position_ids$", holds: "positions" }],
    // the original releases keep pooler and next-sentence head beside a masked-LM head
    optional: ["bert.pooler.", "cls.seq_relationship.", "cls.predictions."],
  });
}
