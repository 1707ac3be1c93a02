import type * as tf from "@ligo/tfjs";
import { INHERITANCE } from "../losses/knowledge-inheritance.js";
import { countLabels } from "../losses/cross-entropy.js";
import { labelledObjective } from "./labelled-objective.js";
import { tokenLabels, type TokenInputSizes } from "../inputs/model-inputs.js";
import { perToken } from "../inputs/text-inputs.js";
import type { Batch, Model, Objective } from "../model.js";
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

/** Parts of a masked language model. */
export interface MaskedLanguageModelParts {
  /** The last state: [batch * sequence, n], or the rows `wanted` of it. */
  readonly encode: (p: Parameters, batch: Batch, wanted?: tf.Tensor1D) => tf.Tensor2D;
  /** Logits of hidden states: [rows, n] to [rows, vocabulary]. */
  readonly predict: (p: Parameters, hidden: tf.Tensor2D) => tf.Tensor2D;
}

/** A masked language model of an encoder: `logits` [batch, sequence, vocabulary]. */
export function maskedLanguageModel(
  common: Pick<Model, "inputs" | "skipping" | "hiddenStates">,
  sizes: TokenInputSizes,
  { encode, predict }: MaskedLanguageModelParts,
): Model {
  return {
    ...common,
    inputs: { ...common.inputs, ...tokenLabels(sizes) },
    forward: (p, batch) => ({ logits: perToken(predict(p, encode(p, batch)), batch) }),
    objectives: {
      "masked-lm": maskedLanguageModelling((p, batch, positions) =>
        predict(p, encode(p, batch, positions)),
      ),
    },
  };
}
