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
  // the names that transformers gives to the same sizes of other vision transformers
  aliases: {
    hidden_size: "embed_dim",
    image_size: "img_size",
    num_attention_heads: "num_heads",
    num_channels: "in_chans",
    num_hidden_layers: "depth",
    num_labels: "num_classes",
  },
  layout: caitLayout,
  model: async (): Promise<ModelFactory<CaitConfig>> => (await import("./model.js")).caitModel,
});

export type { CaitConfig };
