import type { RawConfig, StandardSchemaV1 } from "@ligo/core";
import { decoderConfig, type DecoderConfig } from "@ligo/core/layout";

/** Keys of the `config.json` of a Llama or Mistral that LiGO reads, Hugging Face's defaults filled in; others are kept. */
export type LlamaConfig = DecoderConfig;

const llama = decoderConfig("llama", {
  vocab_size: 32_000,
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  intermediate_size: 11_008,
  max_position_embeddings: 2048,
  headsDivide: true,
});

const mistral = decoderConfig("mistral", {
  vocab_size: 32_000,
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  intermediate_size: 14_336,
  max_position_embeddings: 131_072,
  sliding_window: 4096,
});

/** The schema of a `config.json` of either model type; without `model_type` of a Llama's. */
export const llamaConfig: StandardSchemaV1<unknown, LlamaConfig> = {
  "~standard": {
    version: 1,
    vendor: "ligo",
    validate: (value) =>
      ((value as RawConfig | null)?.["model_type"] === "mistral" ? mistral : llama)[
        "~standard"
      ].validate(value),
  },
};
