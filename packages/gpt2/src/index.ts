import { defineArchitecture } from "@ligo/core";
import type { ModelArchitecture } from "@ligo/nn";
import { gpt2Config, type Gpt2Config } from "./config.js";
import { GPT2_CLASSES, gpt2Layout } from "./layout.js";

/** GPT-2 (Radford et al., 2019) as Hugging Face saves it: language model tied and untied, classifier, bare model. */
export const gpt2: ModelArchitecture<Gpt2Config> = defineArchitecture({
  specVersion: "v1",
  modelType: "gpt2",
  architectures: GPT2_CLASSES,
  config: gpt2Config,
  normEpsilon: "layer_norm_epsilon",
  layout: gpt2Layout,
  model: async () => (await import("./model.js")).gpt2Model,
});

export type { Gpt2Config };
