import type { TransformerLayerNames } from "@ligo/core";

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
