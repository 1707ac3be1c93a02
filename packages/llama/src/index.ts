import { defineArchitecture, type Architecture } from "@ligo/core";
import type { ModelFactory } from "@ligo/nn";
import { llamaConfig, type LlamaConfig } from "./config.js";
import { LLAMA_CLASSES, llamaLayout } from "./layout.js";

/**
 * Llama 2 and 3 (Touvron et al., 2023; Llama Team, 2024) and Mistral (Jiang et al., 2023) as Hugging Face saves them: language
 * model tied and untied, classifier, bare model.
 */
export const llama: Architecture<LlamaConfig> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["llama", "mistral"],
  architectures: LLAMA_CLASSES,
  config: llamaConfig,
  // what rotary embeddings are asked for shows in the layout, as the speeds that heads turn at
  functionKeys: [
    "hidden_act",
    "rms_norm_eps",
    "sliding_window",
    "tie_word_embeddings",
    // the classifier reads the last token before the padding
    "pad_token_id",
  ],
  follows: { num_key_value_heads: "num_attention_heads" },
  normEpsilon: "rms_norm_eps",
  layout: llamaLayout,
  model: async (): Promise<ModelFactory<LlamaConfig>> => (await import("./model.js")).llamaModel,
});

export type { LlamaConfig };
