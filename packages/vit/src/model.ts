import { patchGrid, type VisionConfig } from "@ligo/core";
import {
  imageClassifierModel,
  maskedPatches,
  project,
  visionTransformer,
  type Batch,
  type Model,
  type Parameters,
} from "@ligo/nn";
import type * as tf from "@tensorflow/tfjs";
import { vitNames } from "./layout.js";

/** The forward pass of ViT. */
export function vitModel(config: VisionConfig, className: string): Model {
  const vit = visionTransformer(config, vitNames);
  const classify = (p: Parameters, batch: Batch): tf.Tensor2D =>
    project(p, "classifier", vit.tokenAt(vit.encode(p, batch), 0));
  const common: Pick<Model, "inputs" | "skipping" | "hiddenStates"> = {
    inputs: vit.inputs,
    skipping: vit.skipping,
    hiddenStates: (p, batch) => ({ encoder: vit.states(p, batch) }),
  };
  const models: Readonly<Record<string, Model>> = {
    ViTForImageClassification: {
      ...common,
      ...imageClassifierModel(config, vit.inputs, classify),
      forward: (p, batch) => ({ logits: classify(p, batch) }),
    },
    ViTModel: {
      ...common,
      objectives: {},
      forward(p, batch) {
        const hidden = vit.encode(p, batch);
        const pooled = config.add_pooling_layer ? { pooler_output: vit.pool(p, hidden) } : {};
        return { last_hidden_state: hidden, ...pooled };
      },
    },
    ViTForMaskedImageModeling: {
      ...common,
      inputs: { ...vit.inputs, ...maskedPatches(patchGrid(config).patches) },
      objectives: {},
      forward: (p, batch) => ({ reconstruction: vit.reconstruct(p, vit.encode(p, batch)) }),
    },
  };
  return models[className] as Model;
}
