import { defineArchitecture } from "@ligo/core";
import type { ModelArchitecture } from "@ligo/nn";
import { robertaConfig, type RobertaConfig } from "./config.js";
import { ROBERTA_CLASSES, robertaLayout } from "./layout.js";

/** RoBERTa (Liu et al., 2019) as Hugging Face saves it: masked LM tied and untied, question answering, classifier, bare model. */
export const roberta: ModelArchitecture<RobertaConfig> = defineArchitecture({
  specVersion: "v1",
  modelType: "roberta",
  architectures: ROBERTA_CLASSES,
  config: robertaConfig,
  normEpsilon: "layer_norm_eps",
  layout: robertaLayout,
  model: async () => (await import("./model.js")).robertaModel,
});

export type { RobertaConfig };
