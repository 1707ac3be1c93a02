import type { MaskedLmHeadNames, TransformerLayerNames } from "@ligo/core";

const LAYER = "bert.encoder.layer.{i}";

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
  word: "bert.embeddings.word_embeddings.weight",
  position: "bert.embeddings.position_embeddings.weight",
  type: "bert.embeddings.token_type_embeddings.weight",
};
export const embeddingNorm = "bert.embeddings.LayerNorm";

/** The masked-LM head. */
export const headNames: MaskedLmHeadNames = {
  dense: "cls.predictions.transform.dense",
  norm: "cls.predictions.transform.LayerNorm",
  decoder: "cls.predictions.decoder",
  bias: "cls.predictions.bias",
};
