import type { MaskedLmHeadNames, TransformerLayerNames } from "@ligo/core";

const LAYER = "roberta.encoder.layer.{i}";

/** Parts of an encoder layer. */
export const layerNames: TransformerLayerNames = {
  queryKeyValue: [
    `${LAYER}.attention.self.query`,
    `${LAYER}.attention.self.key`,
    `${LAYER}.attention.self.value`,
  ],
  attentionOutput: `${LAYER}.attention.output.dense`,
  attentionNorm: `${LAYER}.attention.output.LayerNorm`,
  mlpInput: `${LAYER}.intermediate.dense`,
  mlpOutput: `${LAYER}.output.dense`,
  mlpNorm: `${LAYER}.output.LayerNorm`,
};

/** Tables that are added up, and the norm of their sum. */
export const embeddingNames: Readonly<Record<"word" | "position" | "type", string>> = {
  word: "roberta.embeddings.word_embeddings.weight",
  position: "roberta.embeddings.position_embeddings.weight",
  type: "roberta.embeddings.token_type_embeddings.weight",
};
export const embeddingNorm = "roberta.embeddings.LayerNorm";

/** The masked-LM head. */
export const headNames: MaskedLmHeadNames = {
  dense: "lm_head.dense",
  norm: "lm_head.layer_norm",
  decoder: "lm_head.decoder",
  bias: "lm_head.bias",
};
