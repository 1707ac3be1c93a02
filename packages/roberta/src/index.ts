import { defineArchitecture, type Architecture } from "@ligo/core";
import type { ModelFactory } from "@ligo/nn";
import { robertaConfig, type RobertaConfig } from "./config.js";
import { ROBERTA_CLASSES, robertaLayout } from "./layout.js";

/** RoBERTa (Liu et al., 2019) as Hugging Face saves it: masked LM tied and untied, question answering, classifier, bare model. */
export const roberta: Architecture<RobertaConfig> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["roberta"],
  architectures: ROBERTA_CLASSES,
  config: robertaConfig,
  // positions count from padding
  functionKeys: ["hidden_act", "layer_norm_eps", "tie_word_embeddings", "pad_token_id"],
  optionalParts: { add_pooling_layer: "pooler." },
  normEpsilon: "layer_norm_eps",
  layout: robertaLayout,
  model: async (): Promise<ModelFactory<RobertaConfig>> =>
    (await import("./model.js")).robertaModel,
});

export type { RobertaConfig };
