import * as tf from "@ligo/tfjs";
import { countLabels, IGNORED_LABEL } from "../losses/cross-entropy.js";
import { INHERITANCE } from "../losses/knowledge-inheritance.js";
import { labelledObjective } from "./labelled-objective.js";
import type { Batch, Objective } from "../model.js";
import type { Parameters } from "../parameters.js";

/**
 * The causal language modelling objective of a model that gives logits [batch * sequence, vocabulary]. A batch holds
 * `input_ids` and `labels`, both [batch, sequence] and aligned as Hugging Face has them: the objective itself compares
 * the logits of a position with the label of the next, so that `labels` may simply be `input_ids`.
 */
export function causalLanguageModelling(
  logits: (parameters: Parameters, batch: Batch) => tf.Tensor2D,
): Objective {
  const labelsOf = (batch: Batch): tf.Tensor1D => nextLabels(batch["labels"] as tf.Tensor2D);
  const objective = labelledObjective(
    {
      data: "text",
      learns: "next-token",
      teacher: INHERITANCE,
      inputs: ["input_ids", "labels"],
    },
    (parameters, batch) => ({
      logits: logits(parameters, batch),
      labels: labelsOf(batch),
    }),
  );
  return { ...objective, count: (batch) => countLabels(labelsOf(batch)) };
}

/** The label of each position's successor [batch * sequence]; the last position has none. */
function nextLabels(labels: tf.Tensor2D): tf.Tensor1D {
  const [batch, sequence] = labels.shape;
  const none = tf
    .zeros<tf.Rank.R2>([batch, 1], "int32")
    .add<tf.Tensor2D>(tf.scalar(IGNORED_LABEL, "int32"));
  if (sequence === 1) return none.flatten();
  return tf.concat([labels.slice([0, 1], [batch, sequence - 1]), none], 1).flatten();
}
