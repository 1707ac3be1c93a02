import { crossEntropy, IGNORED_LABEL } from "../losses/cross-entropy.js";
import type { Batch, Labelled, Objective } from "../model.js";
import type { Parameters } from "../parameters.js";

/**
 * The objective whose loss is the mean cross-entropy of rows whose label is not -100.
 *
 * @param predicts whether an evaluation gives the `logits` too; those over a vocabulary are too many
 */
export function labelledObjective(
  inputs: readonly string[],
  predict: (parameters: Parameters, batch: Batch) => Labelled,
  predicts = false,
): Objective {
  return {
    inputs,
    predict,
    loss(parameters, batch) {
      const { logits, labels } = predict(parameters, batch);
      return crossEntropy(logits, labels);
    },
    evaluate(parameters, batch) {
      const { logits, labels } = predict(parameters, batch);
      const counted = labels.notEqual(IGNORED_LABEL).toFloat();
      const right = logits.argMax(1).equal(labels).toFloat().mul(counted);
      return {
        loss: crossEntropy(logits, labels),
        correct: right.sum(),
        count: counted.sum(),
        ...(predicts ? { logits } : {}),
      };
    },
  };
}
