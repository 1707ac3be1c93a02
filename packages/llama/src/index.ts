import type { Architecture } from "@ligo/core";
import { decoderArchitecture, decoderClasses, decoderLayout } from "@ligo/core/layout";
import { llamaConfig, type LlamaConfig } from "./config.js";

/**
 * Llama 2 and 3 (Touvron et al., 2023; Llama Team, 2024) and Mistral (Jiang et al., 2023) as Hugging Face saves them: language
 * model tied and untied, classifier, bare model.
 */
export const llama: Architecture<LlamaConfig> = decoderArchitecture({
  modelTypes: ["llama", "mistral"],
  classes: { ...decoderClasses("Llama"), ...decoderClasses("Mistral") },
  config: llamaConfig,
  functionKeys: ["hidden_act"],
  layout: decoderLayout,
  model: async () => (await import("@ligo/nn")).decoder,
});

export type { LlamaConfig };
