import { isRegression, isSingleLabel, labelCount, type LabelFields } from "@ligo/core/layout";
import type * as tf from "@ligo/tfjs";
import { countLabels } from "../losses/cross-entropy.js";
import { classLabels, numberLabels, type ModelInputs } from "../inputs/model-inputs.js";
import { labelledObjective } from "./labelled-objective.js";
import type { Batch, Model, Objective, ObjectiveKind } from "../model.js";
import type { Parameters } from "../parameters.js";

/** Logits [batch, classes]. */
type Classify = (parameters: Parameters, batch: Batch) => tf.Tensor2D;

/** Kind of an objective of texts with a label each. */
const labelled = (learns: "class" | "number"): ObjectiveKind => ({
  data: "labelled-text",
  learns,
  inputs: ["input_ids", "attention_mask", "labels"],
});

/**
 * The objective of a text classifier that gives logits [batch, classes]: mean cross-entropy with `labels` [batch], -100
 * for texts that do not count. An evaluation gives the `logits` too.
 */
export function textClassification(logits: Classify): Objective {
  const labelsOf = (batch: Batch): tf.Tensor1D => batch["labels"] as tf.Tensor1D;
  const objective = labelledObjective(
    labelled("class"),
    (parameters, batch) => ({ logits: logits(parameters, batch), labels: labelsOf(batch) }),
    true,
  );
  return { ...objective, count: (batch) => countLabels(labelsOf(batch)) };
}

/**
 * The objective of a model that gives a number for each text, [batch, 1]: mean squared error against `labels` [batch],
 * float32, over the texts whose `label_mask` [batch] is 1, or over all where a batch has none. An evaluation gives the
 * `logits` too.
 */
export function textRegression(predict: Classify): Objective {
  const loss = (logits: tf.Tensor2D, batch: Batch): tf.Scalar => {
    const error = logits
      .flatten()
      .sub(batch["labels"] as tf.Tensor1D)
      .square();
    const counted = batch["label_mask"]?.toFloat();
    return counted ? error.mul(counted).sum().div(counted.sum()) : error.mean();
  };
  const count = (batch: Batch): tf.Scalar =>
    (batch["label_mask"] ?? (batch["labels"] as tf.Tensor1D).onesLike()).toFloat().sum();
  return {
    ...labelled("number"),
    loss: (parameters, batch) => loss(predict(parameters, batch), batch),
    count,
    evaluate(parameters, batch) {
      const logits = predict(parameters, batch);
      return { loss: loss(logits, batch), count: count(batch), logits };
    },
  };
}

/**
 * Inputs and objectives of a text classifier with logits [batch, labels]: `text-classification` where its config asks for one label of several,
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
      objectives: { "text-regression": textRegression(logits) },
    };
  }
  if (!isSingleLabel(config)) return { inputs, objectives: {} };
  return {
    inputs: { ...inputs, ...classLabels(labelCount(config)) },
    objectives: { "text-classification": textClassification(logits) },
  };
}
