import { defineArchitecture } from "@ligo/core";
import type { ModelArchitecture } from "@ligo/nn";
import { caitConfig, type CaitConfig } from "./config.js";
import { CAIT_CLASSES, caitLayout } from "./layout.js";

/** CaiT (Touvron et al., 2021: "Going deeper with Image Transformers") as timm saves it: an image classifier. */
export const cait: ModelArchitecture<CaitConfig> = defineArchitecture({
  specVersion: "v1",
  modelType: "cait",
  architectures: CAIT_CLASSES,
  config: caitConfig,
  layout: caitLayout,
  model: async () => (await import("./model.js")).caitModel,
});

export type { CaitConfig };
