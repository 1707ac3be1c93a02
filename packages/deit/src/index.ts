import {
  defineArchitecture,
  VISION_FUNCTION_KEYS,
  visionConfig,
  type Architecture,
  type VisionConfig,
} from "@ligo/core";
import type { ModelFactory } from "@ligo/nn";
import { DEIT_CLASSES, deitLayout } from "./layout.js";

/** Keys of a DeiT `config.json` that LiGO reads. */
export type DeitConfig = VisionConfig;

/** DeiT (Touvron et al., 2021) as Hugging Face saves it: classifier with and without teacher, bare and masked image model. */
export const deit: Architecture<DeitConfig> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["deit"],
  architectures: DEIT_CLASSES,
  config: visionConfig("deit"),
  functionKeys: VISION_FUNCTION_KEYS,
  follows: { pooler_output_size: "hidden_size" },
  normEpsilon: "layer_norm_eps",
  layout: deitLayout,
  model: async (): Promise<ModelFactory<DeitConfig>> => (await import("./model.js")).deitModel,
});
