import {
  visionTransformerNames,
  type VisionClass,
  type VisionTransformerNames,
} from "@ligo/core/layout";

/** The names of DeiT's parts: ViT's, and a distillation token behind the class token. */
export const deitNames: VisionTransformerNames = visionTransformerNames("deit", [
  "distillation_token",
]);

/** Hugging Face classes this package reads, grows and writes. */
export const classes: Readonly<Record<string, VisionClass>> = {
  DeiTForImageClassificationWithTeacher: {
    classifiers: { cls_classifier: "head", distillation_classifier: "head_dist" },
  },
  DeiTForImageClassification: { classifiers: { classifier: "head" } },
  DeiTModel: { bare: true },
  DeiTForMaskedImageModeling: { masked: true },
};
