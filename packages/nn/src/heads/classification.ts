import { isRegression, isSingleLabel, labelCount, type LabelFields } from "@ligo/core";
import type * as tf from "@tensorflow/tfjs";
import { classLabels, numberLabels, type ModelInputs } from "../inputs/model-inputs.js";
import { labelledObjective } from "./labelled-objective.js";
import type { Batch, Model, Objective } from "../model.js";
import type { Parameters } from "../parameters.js";
import { regression } from "./regression.js";

/** Logits [batch, classes]. */
type Classify = (parameters: Parameters, batch: Batch) => tf.Tensor2D;

/**
 * The objective of a classifier that gives logits [batch, classes]: mean cross-entropy with `labels` [batch], -100 for
 * samples that do not count. An evaluation gives the `logits` too.
 *
 * @param inputs what else a batch must hold: `input_ids` and `attention_mask` of texts, `pixel_values` of images
 */
export function classification(inputs: readonly string[], logits: Classify): Objective {
  return labelledObjective(
    [...inputs, "labels"],
    (parameters, batch) => ({
      logits: logits(parameters, batch),
      labels: batch["labels"] as tf.Tensor1D,
    }),
    true,
  );
}

/** What a classifier of texts reads beside labels. */
const TEXTS = ["input_ids", "attention_mask"];

/**
 * Inputs and objectives of a text classifier: `text-classification` where its config asks for one label of several,
 * `text-regression` where it asks for a number, else none.
 */
export function textClassifier(
  config: LabelFields,
  inputs: ModelInputs,
  logits: Classify,
): Pick<Model, "inputs" | "objectives"> {
  if (isRegression(config)) {
    return {
      inputs: { ...inputs, ...numberLabels() },
      objectives: { "text-regression": regression(TEXTS, logits) },
    };
  }
  if (!isSingleLabel(config)) return { inputs, objectives: {} };
  return {
    inputs: { ...inputs, ...classLabels(labelCount(config)) },
    objectives: { "text-classification": classification(TEXTS, logits) },
  };
}
