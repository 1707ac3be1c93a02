import {
  ofClass,
  visionTransformerLayout,
  visionTransformerNames,
  type Layout,
  type VisionClass,
  type VisionConfig,
  type VisionTransformerNames,
} from "@ligo/core";

/** The names of DeiT's parts: ViT's, and a distillation token behind the class token. */
export const deitNames: VisionTransformerNames = visionTransformerNames("deit", [
  "distillation_token",
]);

const CLASSES: Readonly<Record<string, VisionClass>> = {
  DeiTForImageClassificationWithTeacher: {
    classifiers: { cls_classifier: "head", distillation_classifier: "head_dist" },
  },
  DeiTForImageClassification: { classifiers: { classifier: "head" } },
  DeiTModel: { bare: true },
  DeiTForMaskedImageModeling: { masked: true },
};

/** Hugging Face classes this package reads, grows and writes. */
export const DEIT_CLASSES: readonly string[] = Object.keys(CLASSES);

/**
 * The layout of a DeiT checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Throws
 * `config/unknown-class`.
 */
export function deitLayout(config: VisionConfig, className: string): Layout {
  return visionTransformerLayout(config, className, deitNames, ofClass(CLASSES, className));
}
