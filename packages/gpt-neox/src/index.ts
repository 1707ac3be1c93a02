import { defineArchitecture, type Architecture } from "@ligo/core";
import type { ModelFactory } from "@ligo/nn";
import { gptNeoXConfig, type GptNeoXConfig } from "./config.js";
import { GPT_NEOX_CLASSES, gptNeoXLayout } from "./layout.js";

/**
 * GPT-NeoX (Black et al., 2022) and Pythia (Biderman et al., 2023) as Hugging Face saves them: language model tied and untied,
 * classifier, bare model.
 */
export const gptNeoX: Architecture<GptNeoXConfig> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["gpt_neox"],
  architectures: GPT_NEOX_CLASSES,
  config: gptNeoXConfig,
  // rotary embeddings show in the layout, as the speeds that heads turn at
  functionKeys: [
    "hidden_act",
    "layer_norm_eps",
    "tie_word_embeddings",
    "use_parallel_residual",
    // the classifier reads the last token before the padding
    "pad_token_id",
  ],
  normEpsilon: "layer_norm_eps",
  layout: gptNeoXLayout,
  model: async (): Promise<ModelFactory<GptNeoXConfig>> =>
    (await import("./model.js")).gptNeoXModel,
});

export type { GptNeoXConfig };
