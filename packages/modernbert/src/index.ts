import { defineArchitecture, type Architecture } from "@ligo/core";
import type { ModelFactory } from "@ligo/nn";
import { modernBertConfig, type ModernBertConfig } from "./config.js";
import { MODERNBERT_CLASSES, modernBertLayout } from "./layout.js";

/** ModernBERT (Warner et al., 2024) as Hugging Face saves it: masked language model, classifier, bare model. */
export const modernBert: Architecture<ModernBertConfig> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["modernbert"],
  architectures: MODERNBERT_CLASSES,
  config: modernBertConfig,
  // rotary embeddings and kinds of layers show in the layout
  functionKeys: [
    "hidden_activation",
    "norm_eps",
    "local_attention",
    "classifier_activation",
    "classifier_pooling",
    "tie_word_embeddings",
  ],
  perLayer: { layer_types: "num_hidden_layers" },
  normEpsilon: "norm_eps",
  layout: modernBertLayout,
  model: async (): Promise<ModelFactory<ModernBertConfig>> =>
    (await import("./model.js")).modernBertModel,
});

export type { ModernBertConfig };
