import { defineArchitecture, visionConfig, type VisionConfig } from "@ligo/core";
import type { ModelArchitecture } from "@ligo/nn";
import { DEIT_CLASSES, deitLayout } from "./layout.js";

/** What LiGO reads of a DeiT `config.json`. */
export type DeitConfig = VisionConfig;

/** DeiT (Touvron et al., 2021) as Hugging Face saves it: classifier with and without teacher, bare and masked image model. */
export const deit: ModelArchitecture<DeitConfig> = defineArchitecture({
  specVersion: "v1",
  modelType: "deit",
  architectures: DEIT_CLASSES,
  config: visionConfig("deit"),
  follows: { pooler_output_size: "hidden_size" },
  normEpsilon: "layer_norm_eps",
  layout: deitLayout,
  model: async () => (await import("./model.js")).deitModel,
});
