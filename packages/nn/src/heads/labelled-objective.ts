import { crossEntropy, IGNORED_LABEL } from "../losses/cross-entropy.js";
import type { Batch, Labelled, Objective, ObjectiveKind } from "../model.js";
import type { Parameters } from "../parameters.js";

/**
 * The objective whose loss is the mean cross-entropy of rows whose label is not -100.
 *
 * @param predict logits [rows, classes] and labels [rows] of a batch
 * @param givesLogits whether an evaluation gives the `logits` too; those over a vocabulary are too many
 */
export function labelledObjective(
  kind: ObjectiveKind,
  predict: (parameters: Parameters, batch: Batch) => Labelled,
  givesLogits = false,
): Objective {
  return {
    ...kind,
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
        ...(givesLogits ? { logits } : {}),
      };
    },
  };
}
