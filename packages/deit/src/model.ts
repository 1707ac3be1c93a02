import { patchGrid, type VisionConfig } from "@ligo/core";
import {
  hardDistillation,
  imageClassifierModel,
  maskedPatches,
  project,
  softDistillation,
  visionTransformer,
  type Batch,
  type Model,
  type Parameters,
  type StudentLogits,
} from "@ligo/nn";
import type * as tf from "@tensorflow/tfjs";
import { deitNames } from "./layout.js";

/** The forward pass of DeiT: ViT with a second token that learns from a teacher. */
export function deitModel(config: VisionConfig, className: string): Model {
  const deit = visionTransformer(config, deitNames);
  const common: Pick<Model, "inputs" | "skipping" | "hiddenStates"> = {
    inputs: deit.inputs,
    skipping: deit.skipping,
    hiddenStates: (p, batch) => ({ encoder: deit.states(p, batch) }),
  };
  const classify = (p: Parameters, batch: Batch): tf.Tensor2D =>
    project(p, "classifier", deit.tokenAt(deit.encode(p, batch), 0));
  const classifyBoth = (p: Parameters, batch: Batch): StudentLogits => {
    const hidden = deit.encode(p, batch);
    const classification = project(p, "cls_classifier", deit.tokenAt(hidden, 0));
    const distillation = project(p, "distillation_classifier", deit.tokenAt(hidden, 1));
    return { classification, distillation, answer: classification.add(distillation).mul(0.5) };
  };
  const models: Readonly<Record<string, Model>> = {
    DeiTForImageClassificationWithTeacher: {
      ...common,
      ...imageClassifierModel(config, deit.inputs, (p, batch) => classifyBoth(p, batch).answer, {
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
    },
    DeiTForImageClassification: {
      ...common,
      ...imageClassifierModel(config, deit.inputs, classify),
      forward: (p, batch) => ({ logits: classify(p, batch) }),
    },
    DeiTModel: {
      ...common,
      objectives: {},
      forward(p, batch) {
        const hidden = deit.encode(p, batch);
        const pooled = config.add_pooling_layer ? { pooler_output: deit.pool(p, hidden) } : {};
        return { last_hidden_state: hidden, ...pooled };
      },
    },
    DeiTForMaskedImageModeling: {
      ...common,
      inputs: { ...deit.inputs, ...maskedPatches(patchGrid(config).patches) },
      objectives: {},
      forward: (p, batch) => ({ reconstruction: deit.reconstruct(p, deit.encode(p, batch)) }),
    },
  };
  return models[className] as Model;
}
