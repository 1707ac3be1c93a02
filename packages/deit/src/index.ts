import type { Architecture } from "@ligo/core";
import { visionArchitecture, type VisionConfig } from "@ligo/core/layout";
import type { ModelFactory } from "@ligo/nn";
import { classes, deitNames as names } from "./layout.js";

/** Keys of a DeiT `config.json` that LiGO reads. */
export type DeitConfig = VisionConfig;

/** DeiT (Touvron et al., 2021) as Hugging Face saves it: classifier with and without teacher, bare and masked image model. */
export const deit: Architecture<DeitConfig> = visionArchitecture({
  modelType: "deit",
  classes,
  names,
  model: async (): Promise<ModelFactory<DeitConfig>> => (await import("./model.js")).deitModel,
});
