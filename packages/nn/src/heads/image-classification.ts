import { isSingleLabel, labelCount, type LabelFields } from "@ligo/core/layout";
import type * as tf from "@ligo/tfjs";
import { countLabels, crossEntropy } from "../losses/cross-entropy.js";
import { classLabels, type ModelInputs } from "../inputs/model-inputs.js";
import { labelledObjective } from "./labelled-objective.js";
import type { Batch, Model, Objective } from "../model.js";
import type { Parameters } from "../parameters.js";
import { softCrossEntropy } from "../losses/soft-cross-entropy.js";

/**
 * The objective of an image classifier that gives logits [batch, classes]: mean cross-entropy with `label_distribution`
 * [batch, classes] (mixed and smoothed labels) where a batch holds it, else with `labels` [batch].
 */
export function imageClassification(
  logits: (parameters: Parameters, batch: Batch) => tf.Tensor2D,
): Objective {
  const hard = labelledObjective(
    { data: "labelled-images", learns: "class", inputs: ["pixel_values", "labels"] },
    (parameters, batch) => ({
      logits: logits(parameters, batch),
      labels: batch["labels"] as tf.Tensor1D,
    }),
  );
  return {
    ...hard,
    loss: (parameters, batch) => labelLoss(logits(parameters, batch), batch),
    count(batch) {
      const labels = batch["labels"] as tf.Tensor1D;
      // distributions are of all images
      return "label_distribution" in batch
        ? labels.onesLike().toFloat().sum()
        : countLabels(labels);
    },
  };
}

/** Mean cross-entropy of logits [batch, classes] with `label_distribution` [batch, classes] of a batch, else `labels` [batch]. */
export function labelLoss(logits: tf.Tensor2D, batch: Batch): tf.Scalar {
  const soft = batch["label_distribution"] as tf.Tensor2D | undefined;
  return soft
    ? softCrossEntropy(logits, soft)
    : crossEntropy(logits, batch["labels"] as tf.Tensor1D);
}

/**
 * Inputs and objectives of an image classifier with logits [batch, classes]: `image-classification` and `more`, unless its config asks for something
 * else than one label of several.
 */
export function imageClassifierModel(
  config: LabelFields,
  inputs: ModelInputs,
  logits: (parameters: Parameters, batch: Batch) => tf.Tensor2D,
  more: Readonly<Record<string, Objective>> = {},
): Pick<Model, "inputs" | "objectives"> {
  if (!isSingleLabel(config)) return { inputs, objectives: {} };
  return {
    inputs: { ...inputs, ...classLabels(labelCount(config)) },
    objectives: { "image-classification": imageClassification(logits), ...more },
  };
}
