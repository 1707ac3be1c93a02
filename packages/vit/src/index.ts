import type { Architecture } from "@ligo/core";
import { visionArchitecture, type VisionConfig } from "@ligo/core/layout";
import type { ModelFactory } from "@ligo/nn";
import { classes, vitNames as names } from "./layout.js";

/** Keys of a ViT `config.json` that LiGO reads. */
export type VitConfig = VisionConfig;

/** ViT (Dosovitskiy et al., 2021) as Hugging Face saves it: image classifier, bare model, masked image model. */
export const vit: Architecture<VitConfig> = visionArchitecture({
  modelType: "vit",
  classes,
  names,
  model: async (): Promise<ModelFactory<VitConfig>> => (await import("./model.js")).vitModel,
});
