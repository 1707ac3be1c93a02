import { defineArchitecture, type Architecture } from "@ligo/core";
import type { ModelFactory } from "@ligo/nn";
import { bertConfig, type BertConfig } from "./config.js";
import { BERT_CLASSES, bertLayout } from "./layout.js";

/** BERT (Devlin et al., 2019) as Hugging Face saves it: masked LM tied and untied, pre-training, question answering, classifier, bare model. */
export const bert: Architecture<BertConfig> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["bert"],
  architectures: BERT_CLASSES,
  config: bertConfig,
  functionKeys: ["hidden_act", "layer_norm_eps", "tie_word_embeddings"],
  optionalParts: { add_pooling_layer: "pooler." },
  normEpsilon: "layer_norm_eps",
  layout: bertLayout,
  model: async (): Promise<ModelFactory<BertConfig>> => (await import("./model.js")).bertModel,
});

export type { BertConfig };
