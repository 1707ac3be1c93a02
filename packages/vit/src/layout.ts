import {
  visionTransformerNames,
  type VisionClass,
  type VisionTransformerNames,
} from "@ligo/core/layout";

/** The names of ViT's parts, of layout and forward pass alike. */
export const vitNames: VisionTransformerNames = visionTransformerNames("vit");

/** Hugging Face classes this package reads, grows and writes. */
export const classes: Readonly<Record<string, VisionClass>> = {
  ViTForImageClassification: { classifiers: { classifier: "head" } },
  ViTModel: { bare: true },
  ViTForMaskedImageModeling: { masked: true },
};
