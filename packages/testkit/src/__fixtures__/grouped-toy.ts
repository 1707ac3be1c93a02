import { defineArchitecture, type Architecture, type StandardSchemaV1 } from "@ligo/core";
import {
  decoderConfig,
  decoderLayout,
  decoderNames,
  rotaryFrequencies,
  type DecoderConfig,
  type DecoderNames,
  type RotaryFrequencies,
} from "@ligo/core/layout";
import { decoder, type Model } from "@ligo/nn";

/**
 * A made-up decoder that can have all that today's models have: query heads that share keys and values, head sizes of their own,
 * rotary embeddings, norms of queries and keys; and, as Gemma, gains less one, scaled embeddings and norms of what branches add.
 */
export interface GroupedConfig extends DecoderConfig {
  /** Whether nothing turns. */
  readonly still?: boolean;
  /** Norms of queries and keys. */
  readonly head_norms?: boolean;
  readonly like_gemma?: boolean;
}

const layer = decoderNames.layer;

function namesOf({ head_norms: norms = false, like_gemma: gemma = false }: GroupedConfig): DecoderNames {
  const inLayer = (name: string): string => `model.layers.{i}.${name}`;
  return {
    ...decoderNames,
    layer: {
      ...layer,
      ...(norms ? { queryNorm: inLayer("q_norm"), keyNorm: inLayer("k_norm") } : {}),
      ...(gemma
        ? { attentionOutputNorm: inLayer("attn_norm"), mlpOutputNorm: inLayer("mlp_norm") }
        : {}),
    },
  };
}

function speedsOf(config: GroupedConfig): RotaryFrequencies {
  const { head_dim: channels, rope_theta: base, still = false } = config;
  if (!still) return rotaryFrequencies({ channels, base: base ?? 100 });
  return { inverse: Array.from({ length: channels / 2 }, () => 0), factor: 1 };
}

const embeddingScale = ({ hidden_size: size, like_gemma: gemma = false }: GroupedConfig): number =>
  gemma ? Math.sqrt(size) : 1;

function groupedModel(config: GroupedConfig): Model {
  const speeds = speedsOf(config);
  return decoder(config, "causal-lm", {
    names: namesOf(config),
    gainOffset: config.like_gemma === true ? 1 : 0,
    rotary: () => speeds,
    embeddingScale: embeddingScale(config),
  });
}

export const grouped: Architecture<GroupedConfig> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["grouped"],
  architectures: ["GroupedForCausalLM"],
  config: decoderConfig("grouped", {
    vocab_size: 13,
    hidden_size: 8,
    num_hidden_layers: 2,
    num_attention_heads: 6,
    num_key_value_heads: 2,
    intermediate_size: 10,
    max_position_embeddings: 100,
  }) as StandardSchemaV1<unknown, GroupedConfig>,
  functionKeys: ["tie_word_embeddings"],
  normEpsilon: "rms_norm_eps",
  layout: (config, className) =>
    decoderLayout(config, className, "causal-lm", {
      names: namesOf(config),
      biases: [true, false],
      minusOne: config.like_gemma === true,
      embeddingScale: embeddingScale(config),
      ...(config.still === true ? { rotary: [] } : { rotary: [speedsOf(config)] }),
    }),
  model: async () => groupedModel,
});
