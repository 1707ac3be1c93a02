import { ofClass, type VisionConfig } from "@ligo/core/layout";
import { visionTransformer, type Model } from "@ligo/nn";
import { vitNames } from "./layout.js";

/** The forward pass of ViT. */
export function vitModel(config: VisionConfig, className: string): Model {
  const vit = visionTransformer(config, vitNames);
  const models: Readonly<Record<string, () => Model>> = {
    ViTForImageClassification: () => vit.classifier("classifier"),
    ViTModel: vit.bare,
    ViTForMaskedImageModeling: vit.maskedImages,
  };
  return ofClass(models, className)();
}
