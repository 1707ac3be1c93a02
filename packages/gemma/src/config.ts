import type { StandardSchemaV1 } from "@ligo/core";
import {
  ACTIVATION_NAMES,
  decoderConfig,
  rotaryOfTypes,
  rotaryOptions,
  type ActivationName,
  type DecoderConfig,
  type DecoderDefaults,
  type LayerType,
  type RotaryOptions,
} from "@ligo/core/layout";
import * as z from "@ligo/core/zod";

/** Keys of the `config.json` of a Gemma 2 or 3 that LiGO reads, Hugging Face's defaults filled in; others are kept. */
export interface GemmaConfig extends DecoderConfig {
  readonly hidden_activation: ActivationName;
  /** Scores are divided by its root. */
  readonly query_pre_attn_scalar: number;
  readonly attn_logit_softcapping: number | null;
  readonly final_logit_softcapping: number | null;
  /** Where `layer_types` are not listed, each so-manieth layer attends to all positions, the others to a window. */
  readonly sliding_window_pattern: number;
  /** Base of the layers with a window, as transformers 4 writes it (Gemma 3). */
  readonly rope_local_base_freq: number;
}

interface GemmaDefaults {
  readonly caps: readonly [attention: number | null, logits: number | null];
  readonly pattern: number;
}

/** Keys beyond those of the family. */
const further = ({ caps, pattern }: GemmaDefaults): Readonly<Record<string, z.ZodType>> => ({
  hidden_activation: z.enum(ACTIVATION_NAMES).default("gelu_pytorch_tanh"),
  query_pre_attn_scalar: z.number().positive().default(256),
  attn_logit_softcapping: z.number().positive().nullable().default(caps[0]),
  final_logit_softcapping: z.number().positive().nullable().default(caps[1]),
  sliding_window_pattern: z.size.default(pattern),
  rope_local_base_freq: z.number().positive().default(10_000),
  use_bidirectional_attention: z
    .literal(false, "LiGO grows Gemma as a language model, which sees what stands before only")
    .nullish(),
});

const shared: DecoderDefaults = {
  vocab_size: 256_000,
  hidden_size: 2304,
  num_hidden_layers: 26,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 256,
  intermediate_size: 9216,
  max_position_embeddings: 8192,
  sliding_window: 4096,
  tie_word_embeddings: true,
  pad_token_id: 0,
  headsDivide: true,
};

export const gemma2Config: StandardSchemaV1<unknown, GemmaConfig> = decoderConfig<GemmaConfig>(
  "gemma2",
  shared,
  further({ caps: [50, 30], pattern: 2 }),
);

export const gemma3Config: StandardSchemaV1<unknown, GemmaConfig> = decoderConfig<GemmaConfig>(
  "gemma3_text",
  { ...shared, vocab_size: 262_208, max_position_embeddings: 131_072 },
  further({ caps: [null, null], pattern: 6 }),
);

/** The type of every layer. */
export function typesOf(config: GemmaConfig): readonly LayerType[] {
  const { layer_types: given, num_hidden_layers: layers, sliding_window_pattern: period } = config;
  if (given) return given;
  return Array.from({ length: layers }, (_, layer) =>
    (layer + 1) % period === 0 ? "full_attention" : "sliding_attention",
  );
}

/** The rotary embeddings of each type of layer: one for both in Gemma 2. */
export function rotaryOf(config: GemmaConfig): Readonly<Record<LayerType, RotaryOptions>> {
  const { head_dim: channels, rope_local_base_freq: local } = config;
  if (config.model_type === "gemma2") {
    const one = rotaryOptions(config, channels);
    return { full_attention: one, sliding_attention: one };
  }
  return rotaryOfTypes(config, channels, {
    bases: { full_attention: config.rope_theta ?? 1_000_000, sliding_attention: local },
    scaled: ["full_attention"],
  });
}
