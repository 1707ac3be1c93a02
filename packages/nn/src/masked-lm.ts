import * as tf from "@tensorflow/tfjs";
import { crossEntropy, IGNORED_LABEL } from "./cross-entropy.js";
import type { Batch, Objective } from "./model.js";
import type { Parameters } from "./parameters.js";

/**
 * The masked language modelling objective of a model that turns hidden states of chosen positions into logits. A batch
 * holds `input_ids` and either `label_positions` and `label_ids` (only these positions reach the vocabulary: the fast
 * way) or `labels` for every position.
 */
export function maskedLanguageModelling(
  logitsAt: (
    parameters: Parameters,
    batch: Batch,
    positions: tf.Tensor1D | undefined,
  ) => tf.Tensor2D,
): Objective {
  const predict = (
    parameters: Parameters,
    batch: Batch,
  ): { logits: tf.Tensor2D; labels: tf.Tensor1D } => {
    const positions = batch["label_positions"] as tf.Tensor1D | undefined;
    const labels = (positions ? batch["label_ids"] : batch["labels"]?.flatten()) as tf.Tensor1D;
    return { logits: logitsAt(parameters, batch, positions), labels };
  };
  return {
    inputs: ["input_ids", "label_positions", "label_ids"],
    loss(parameters, batch) {
      const { logits, labels } = predict(parameters, batch);
      return crossEntropy(logits, labels);
    },
    evaluate(parameters, batch) {
      const { logits, labels } = predict(parameters, batch);
      const counted = labels.notEqual(IGNORED_LABEL).toFloat();
      const right = logits.argMax(1).equal(labels).toFloat().mul(counted);
      return { loss: crossEntropy(logits, labels), correct: right.sum(), count: counted.sum() };
    },
  };
}
