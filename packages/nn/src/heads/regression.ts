import type * as tf from "@tensorflow/tfjs";
import type { Batch, Objective } from "../model.js";
import type { Parameters } from "../parameters.js";

/**
 * The objective of a model that gives a number for each sample, [batch, 1]: mean squared error against `labels` [batch],
 * float32, over the samples whose `label_mask` [batch] is 1, or over all where a batch has none. An evaluation gives the
 * `logits` too.
 *
 * @param inputs what else a batch must hold
 */
export function regression(
  inputs: readonly string[],
  predict: (parameters: Parameters, batch: Batch) => tf.Tensor2D,
): Objective {
  const loss = (logits: tf.Tensor2D, batch: Batch): tf.Scalar => {
    const error = logits
      .flatten()
      .sub(batch["labels"] as tf.Tensor1D)
      .square();
    const counted = batch["label_mask"]?.toFloat();
    return counted ? error.mul(counted).sum().div(counted.sum()) : error.mean();
  };
  return {
    inputs: [...inputs, "labels"],
    loss: (parameters, batch) => loss(predict(parameters, batch), batch),
    evaluate(parameters, batch) {
      const logits = predict(parameters, batch);
      const counted = batch["label_mask"] ?? (batch["labels"] as tf.Tensor1D).onesLike();
      return { loss: loss(logits, batch), count: counted.toFloat().sum(), logits };
    },
  };
}
