import type { StandardSchemaV1 } from "@ligo/core";
import { decoderConfig, type DecoderConfig, type LayerType } from "@ligo/core/layout";
import * as z from "@ligo/core/zod";

/** Keys of the `config.json` of a Qwen2 or Qwen3 that LiGO reads, Hugging Face's defaults filled in; others are kept. */
export interface QwenConfig extends DecoderConfig {
  /** Whether layers from `max_window_layers` on, or those of `layer_types`, see `sliding_window` positions only. */
  readonly use_sliding_window: boolean;
  readonly max_window_layers: number;
}

const further = {
  use_sliding_window: z.boolean().default(false),
  max_window_layers: z.number().int().nonnegative().default(28),
};

/** Defaults that both have. */
const shared = {
  vocab_size: 151_936,
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 32,
  intermediate_size: 22_016,
  max_position_embeddings: 32_768,
  sliding_window: 4096,
};

export const qwen2Config: StandardSchemaV1<unknown, QwenConfig> = decoderConfig<QwenConfig>(
  "qwen2",
  shared,
  further,
);

export const qwen3Config: StandardSchemaV1<unknown, QwenConfig> = decoderConfig<QwenConfig>(
  "qwen3",
  { ...shared, head_dim: 128 },
  further,
);

/** The type of every layer. */
export function typesOf(config: QwenConfig): readonly LayerType[] {
  const { layer_types: given, max_window_layers: whole, use_sliding_window: slides } = config;
  if (given) return given;
  return Array.from({ length: config.num_hidden_layers }, (_, layer) =>
    slides && config.sliding_window && layer >= whole ? "sliding_attention" : "full_attention",
  );
}
