import type { Layout } from "@ligo/core";
import {
  ofClass,
  textEncoderLayout,
  textEncoderNames,
  type TextEncoderClass,
  type TextEncoderNames,
} from "@ligo/core/layout";
import { FIRST_POSITION, type RobertaConfig } from "./config.js";

/** The names of RoBERTa's parts, of layout and forward pass alike. */
export const robertaNames: TextEncoderNames = textEncoderNames("roberta", {
  dense: "lm_head.dense",
  norm: "lm_head.layer_norm",
  decoder: "lm_head.decoder",
  bias: "lm_head.bias",
});

/** The classifier's two linear layers. */
export const classifier: Readonly<Record<"pooled" | "labels", string>> = {
  pooled: "classifier.dense",
  labels: "classifier.out_proj",
};

const CLASSES: Readonly<Record<string, TextEncoderClass>> = {
  RobertaForMaskedLM: { predictions: true },
  RobertaForQuestionAnswering: { answers: true },
  RobertaForSequenceClassification: classifier,
  RobertaModel: { pooled: robertaNames.pooler, bare: true },
};

/** Hugging Face classes this package reads, grows and writes. */
export const ROBERTA_CLASSES: readonly string[] = Object.keys(CLASSES);

/**
 * The layout of a RoBERTa checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Throws
 * `config/unknown-class`.
 */
export function robertaLayout(config: RobertaConfig, className: string): Layout {
  return textEncoderLayout(config, className, robertaNames, ofClass(CLASSES, className), {
    renames: [{ pattern: "^lm_head\\.weight$", replacement: "lm_head.decoder.weight" }],
    buffers: [
      { pattern: "^roberta\\.embeddings\\.position_ids$", holds: "positions" },
      { pattern: "^roberta\\.embeddings\\.token_type_ids$", holds: "zeros" },
    ],
    // the original releases keep a pooler beside the head, and the head beside a bare model
    optional: ["roberta.pooler.", "lm_head.", "classifier."],
    firstPosition: FIRST_POSITION,
  });
}
