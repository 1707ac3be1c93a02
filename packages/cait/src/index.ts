import { defineArchitecture, type Architecture } from "@ligo/core";
import type { ModelFactory } from "@ligo/nn";
import { caitConfig, type CaitConfig } from "./config.js";
import { CAIT_CLASSES, caitLayout } from "./layout.js";

/** CaiT (Touvron et al., 2021: "Going deeper with Image Transformers") as timm saves it: an image classifier. */
export const cait: Architecture<CaitConfig> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["cait"],
  architectures: CAIT_CLASSES,
  config: caitConfig,
  functionKeys: ["img_size", "patch_size"],
  layout: caitLayout,
  model: async (): Promise<ModelFactory<CaitConfig>> => (await import("./model.js")).caitModel,
});

export type { CaitConfig };
