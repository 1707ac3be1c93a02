import { inContext, type Handles } from "./context.js";
import { chooseEngine } from "./models/choose-engine.js";
import { check } from "./settings/check.js";
import { splitHandles } from "./settings/handles.js";
import { trainSettings } from "./settings/train.js";
import type { TrainSettings } from "./settings/types.generated.js";
import type { TrainSource } from "./models/model-source.js";
import { trainModel } from "./training/train-model.js";
import type { TrainedModel } from "./training/trained-model.js";

/**
 * Trains a model on, or a new one from its config, by one of its objectives; into a folder (`out`), with checkpoints on the
 * way that `resume` goes on from, or in memory. Nothing is left behind where it fails before the first checkpoint.
 *
 * Throws `LigoError`s for bad input. Where the signal is aborted, `run/interrupted` once a step is saved, and the signal's
 * reason before.
 */
export async function train(
  from: TrainSource,
  given: TrainSettings & Handles,
): Promise<TrainedModel> {
  const { handles, settings: plain } = splitHandles(given);
  const { given: names, settings } = check(trainSettings, plain);
  return inContext(handles, async (context) => {
    const engine = await chooseEngine(settings.engine, context);
    return trainModel(from, { ...settings, engine }, { ...context, given: names });
  });
}
