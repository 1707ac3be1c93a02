import type { Layout } from "@ligo/core";
import {
  decoderLayout,
  decoderNames,
  rotaryFrequencies,
  type DecoderClass,
  type DecoderNames,
} from "@ligo/core/layout";
import { rotaryOf, typesOf, type GemmaConfig } from "./config.js";

const LAYER = "model.layers.{i}";

/** The names of a config's parts: norms around both branches; in Gemma 3 of every head's queries and keys too. */
export function gemmaNames({ model_type: type }: GemmaConfig): DecoderNames {
  const heads = {
    queryNorm: `${LAYER}.self_attn.q_norm`,
    keyNorm: `${LAYER}.self_attn.k_norm`,
  };
  return {
    ...decoderNames,
    layer: {
      ...decoderNames.layer,
      attentionOutputNorm: `${LAYER}.post_attention_layernorm`,
      mlpNorm: `${LAYER}.pre_feedforward_layernorm`,
      mlpOutputNorm: `${LAYER}.post_feedforward_layernorm`,
      ...(type === "gemma2" ? {} : heads),
    },
  };
}

/** Factor of the embeddings. */
export const embeddingScale = (config: GemmaConfig): number => Math.sqrt(config.hidden_size);

/** Factor of the scores. */
export const scoreScale = (config: GemmaConfig): number => config.query_pre_attn_scalar ** -0.5;

/** The layout of a checkpoint of Gemma 2 or 3: gains are stored less one. */
export function gemmaLayout(config: GemmaConfig, className: string, kind: DecoderClass): Layout {
  const rotary = rotaryOf(config);
  return decoderLayout(config, className, kind, {
    names: gemmaNames(config),
    minusOne: true,
    embeddingScale: embeddingScale(config),
    scale: scoreScale(config),
    kinds: typesOf(config),
    rotary: [rotary.full_attention, rotary.sliding_attention].map(rotaryFrequencies),
  });
}
