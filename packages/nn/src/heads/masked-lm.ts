import type * as tf from "@tensorflow/tfjs";
import { INHERITANCE } from "../losses/knowledge-inheritance.js";
import { countLabels } from "../losses/cross-entropy.js";
import { labelledObjective } from "./labelled-objective.js";
import type { Batch, Objective } from "../model.js";
import type { Parameters } from "../parameters.js";

/**
 * The masked language modelling objective of a model that turns hidden states of chosen positions [positions] (all of
 * them, [batch * sequence], where none are chosen) into logits [positions, vocabulary]. A batch holds `input_ids` and either `label_positions` and `label_ids` (only these positions reach the vocabulary: the fast
 * way) or `labels` for every position.
 */
export function maskedLanguageModelling(
  logitsAt: (
    parameters: Parameters,
    batch: Batch,
    positions: tf.Tensor1D | undefined,
  ) => tf.Tensor2D,
): Objective {
  const positionsOf = (batch: Batch): tf.Tensor1D | undefined =>
    batch["label_positions"] as tf.Tensor1D | undefined;
  const labelsOf = (batch: Batch): tf.Tensor1D =>
    (positionsOf(batch) ? batch["label_ids"] : batch["labels"]?.flatten()) as tf.Tensor1D;
  const objective = labelledObjective(
    {
      data: "text",
      learns: "masked-token",
      teacher: INHERITANCE,
      inputs: ["input_ids", "label_positions", "label_ids"],
    },
    (parameters, batch) => ({
      logits: logitsAt(parameters, batch, positionsOf(batch)),
      labels: labelsOf(batch),
    }),
  );
  return { ...objective, count: (batch) => countLabels(labelsOf(batch)) };
}
