import { bert } from "@ligo/bert";
import { writeCheckpoint, writeOutputFolder } from "@ligo/checkpoint";
import { writtenTensors } from "@ligo/core/layout";
import { describeModel, type ModelSpec } from "@ligo/sdk/models";
import { createModel } from "@ligo/nn";
import { initialWeights, type TrainerOptions, type Weights } from "@ligo/train";
import { bertModel, size } from "./experiments/models.js";

export interface ModelShape {
  readonly layers: number;
  readonly hidden: number;
}

const POSITIONS = 512;
/** Numbers of a head. */
const HEAD = 64;

/** A BERT for masked language modelling of the given shape. */
export function perfModel({ hidden, layers }: ModelShape, vocabulary: number): ModelSpec {
  const text = { data: [], tokenizer: { folder: "", vocabulary, pad: 0 } };
  const config = {
    ...bertModel(size(layers, hidden, hidden / HEAD), text, POSITIONS),
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
  };
  return describeModel(bert, config, "config.json");
}

/** Weights from BERT's initial distribution: speed does not depend on them. */
export const randomWeights = ({ layout }: ModelSpec): Weights =>
  initialWeights(layout, { seed: 1, deviation: 0.02 });

/** The masked-LM objective of a model. */
export async function maskedLm({
  architecture,
  className,
  config,
}: ModelSpec): Promise<TrainerOptions["objective"]> {
  const model = await createModel(architecture, config, className);
  const objective = model.objectives["masked-lm"];
  if (objective === undefined) throw new Error(`${className} has no masked-LM objective.`);
  return objective;
}

/** Writes a model of random weights as a Hugging Face checkpoint. */
export async function writeRandomModel(folder: string, model: ModelSpec): Promise<void> {
  const weights = randomWeights(model);
  const tensors = writtenTensors(model.layout).map(({ name, shape, source }) => ({
    name,
    shape,
    data: async () => weights.get(source) as Float32Array,
  }));
  await writeOutputFolder(folder, async (temporary) => {
    await writeCheckpoint(temporary, { config: model.raw, tensors, dtype: "F32" });
  });
}
