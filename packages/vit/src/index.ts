import {
  defineArchitecture,
  VISION_FUNCTION_KEYS,
  visionConfig,
  type Architecture,
  type VisionConfig,
} from "@ligo/core";
import type { ModelFactory } from "@ligo/nn";
import { VIT_CLASSES, vitLayout } from "./layout.js";

/** Keys of a ViT `config.json` that LiGO reads. */
export type VitConfig = VisionConfig;

/** ViT (Dosovitskiy et al., 2021) as Hugging Face saves it: image classifier, bare model, masked image model. */
export const vit: Architecture<VitConfig> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["vit"],
  architectures: VIT_CLASSES,
  config: visionConfig("vit"),
  functionKeys: VISION_FUNCTION_KEYS,
  follows: { pooler_output_size: "hidden_size" },
  normEpsilon: "layer_norm_eps",
  layout: vitLayout,
  model: async (): Promise<ModelFactory<VitConfig>> => (await import("./model.js")).vitModel,
});
