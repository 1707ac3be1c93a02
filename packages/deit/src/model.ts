import { ofClass, type VisionConfig } from "@ligo/core/layout";
import {
  hardDistillation,
  imageClassifierModel,
  project,
  softDistillation,
  visionTransformer,
  type Batch,
  type Model,
  type Parameters,
  type StudentLogits,
} from "@ligo/nn";
import { deitNames } from "./layout.js";

/** The forward pass of DeiT: ViT with a second token that learns from a teacher. */
export function deitModel(config: VisionConfig, className: string): Model {
  const deit = visionTransformer(config, deitNames);
  const classifyBoth = (p: Parameters, batch: Batch): StudentLogits => {
    const hidden = deit.encode(p, batch);
    const classification = project(p, "cls_classifier", deit.tokenAt(hidden, 0));
    const distillation = project(p, "distillation_classifier", deit.tokenAt(hidden, 1));
    return { classification, distillation, answer: classification.add(distillation).mul(0.5) };
  };
  const { inputs } = deit.common;
  const models: Readonly<Record<string, () => Model>> = {
    DeiTForImageClassificationWithTeacher: () => ({
      ...deit.common,
      ...imageClassifierModel(config, inputs, (p, batch) => classifyBoth(p, batch).answer, {
        "hard-distillation": hardDistillation(classifyBoth),
        "soft-distillation": softDistillation(classifyBoth),
      }),
      forward(p, batch) {
        const { answer, classification, distillation } = classifyBoth(p, batch);
        return {
          logits: answer,
          cls_logits: classification,
          distillation_logits: distillation,
        };
      },
    }),
    DeiTForImageClassification: () => deit.classifier("classifier"),
    DeiTModel: deit.bare,
    DeiTForMaskedImageModeling: deit.maskedImages,
  };
  return ofClass(models, className)();
}
