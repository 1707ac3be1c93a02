import {
  ofClass,
  visionTransformerLayout,
  visionTransformerNames,
  type Layout,
  type VisionClass,
  type VisionConfig,
  type VisionTransformerNames,
} from "@ligo/core";

/** The names of ViT's parts, of layout and forward pass alike. */
export const vitNames: VisionTransformerNames = visionTransformerNames("vit");

const CLASSES: Readonly<Record<string, VisionClass>> = {
  ViTForImageClassification: { classifiers: { classifier: "head" } },
  ViTModel: { bare: true },
  ViTForMaskedImageModeling: { masked: true },
};

/** Hugging Face classes this package reads, grows and writes. */
export const VIT_CLASSES: readonly string[] = Object.keys(CLASSES);

/**
 * The layout of a ViT checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Throws
 * `config/unknown-class`.
 */
export function vitLayout(config: VisionConfig, className: string): Layout {
  return visionTransformerLayout(config, className, vitNames, ofClass(CLASSES, className));
}
