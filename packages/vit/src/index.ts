import { defineArchitecture, visionConfig, type VisionConfig } from "@ligo/core";
import type { ModelArchitecture } from "@ligo/nn";
import { VIT_CLASSES, vitLayout } from "./layout.js";

/** What LiGO reads of a ViT `config.json`. */
export type VitConfig = VisionConfig;

/** ViT (Dosovitskiy et al., 2021) as Hugging Face saves it: image classifier, bare model, masked image model. */
export const vit: ModelArchitecture<VitConfig> = defineArchitecture({
  specVersion: "v1",
  modelType: "vit",
  architectures: VIT_CLASSES,
  config: visionConfig("vit"),
  follows: { pooler_output_size: "hidden_size" },
  normEpsilon: "layer_norm_eps",
  layout: vitLayout,
  model: async () => (await import("./model.js")).vitModel,
});
