import { ConfigError } from "@ligo/core";
import { labelCount, type LabelFields } from "@ligo/core/layout";
import * as tf from "@ligo/tfjs";
import { countLabels, crossEntropy, IGNORED_LABEL } from "../losses/cross-entropy.js";
import type { ModelInput, ModelInputs } from "../inputs/model-inputs.js";
import type { Batch, Model, Objective } from "../model.js";
import type { Parameters } from "../parameters.js";
import { inputIds } from "../inputs/text-inputs.js";

/** `start_logits` and `end_logits`, each [batch, sequence]. */
type Spans = Readonly<Record<"start_logits" | "end_logits", tf.Tensor2D>>;

/**
 * Inputs, outputs and objective of a model that finds answers in texts. The loss is that of Hugging Face's
 * `...ForQuestionAnswering`: the mean of the cross-entropies of `start_positions` and `end_positions` [batch] over the tokens
 * of a sequence, without positions beyond it; negative ones are the first token. An evaluation gives the logits too, and
 * counts the sequences whose start is in range. The forward pass throws a ConfigError `config/invalid` where the config
 * has not two labels, where transformers' class fails too.
 *
 * @param predict start and end of every token, [batch * sequence, 2]
 */
export function questionAnswerer(
  config: LabelFields,
  inputs: ModelInputs,
  predict: (parameters: Parameters, batch: Batch) => tf.Tensor2D,
): Pick<Model, "inputs" | "forward" | "objectives"> {
  const forward = (parameters: Parameters, batch: Batch): Spans => {
    checkLabels(config);
    const [rows, sequence] = inputIds(batch).shape;
    const logits = predict(parameters, batch);
    const column = (index: number): tf.Tensor2D =>
      logits.slice([0, index], [rows * sequence, 1]).reshape([rows, sequence]);
    return { start_logits: column(0), end_logits: column(1) };
  };
  const loss = (spans: Spans, batch: Batch): tf.Scalar => {
    const start = crossEntropy(spans.start_logits, placesOf(batch, "start_positions"));
    return start.add(crossEntropy(spans.end_logits, placesOf(batch, "end_positions"))).div(2);
  };
  const count = (batch: Batch): tf.Scalar => countLabels(placesOf(batch, "start_positions"));
  const objective: Objective = {
    data: "questions",
    learns: "span",
    inputs: ["input_ids", "attention_mask", "start_positions", "end_positions"],
    loss: (parameters, batch) => loss(forward(parameters, batch), batch),
    count,
    evaluate(parameters, batch) {
      const spans = forward(parameters, batch);
      return { loss: loss(spans, batch), count: count(batch), ...spans };
    },
  };
  const position: ModelInput = { dtype: "int32", axes: ["batch"], required: false };
  return {
    inputs: { ...inputs, start_positions: position, end_positions: position },
    forward,
    objectives: { "question-answering": objective },
  };
}

function checkLabels(config: LabelFields): void {
  const labels = labelCount(config);
  if (labels === 2) return;
  throw new ConfigError(
    "config/invalid",
    `A model that finds answers has two labels, start and end, but the config has ${labels}. ` +
      "Leave id2label and num_labels out.",
    { expected: "num_labels = 2", actual: `num_labels = ${labels}` },
  );
}

/** Positions of a batch [batch]; those beyond the sequence do not count. */
function placesOf(batch: Batch, name: string): tf.Tensor1D {
  const [, sequence] = inputIds(batch).shape;
  const places = batch[name] as tf.Tensor1D;
  const inRange = places.less(sequence).cast("int32");
  const first = places.maximum(places.zerosLike());
  const ignored = tf.scalar(IGNORED_LABEL, "int32");
  return first.mul(inRange).add(inRange.onesLike().sub(inRange).mul(ignored));
}
