import { defineArchitecture } from "@ligo/core";
import type { ModelArchitecture } from "@ligo/nn";
import { bertConfig, type BertConfig } from "./config.js";
import { BERT_CLASSES, bertLayout } from "./layout.js";

/** BERT (Devlin et al., 2019) as Hugging Face saves it: masked LM tied and untied, pre-training, question answering, classifier, bare model. */
export const bert: ModelArchitecture<BertConfig> = defineArchitecture({
  specVersion: "v1",
  modelType: "bert",
  architectures: BERT_CLASSES,
  config: bertConfig,
  normEpsilon: "layer_norm_eps",
  layout: bertLayout,
  model: async () => (await import("./model.js")).bertModel,
});

export type { BertConfig };
