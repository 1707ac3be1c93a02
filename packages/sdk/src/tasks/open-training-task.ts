import { inContext, type Handles } from "../context.js";
import type { ModelSource } from "../models/model-source.js";
import { openModel } from "../models/open-model.js";
import { check } from "../settings/check.js";
import { splitHandles } from "../settings/handles.js";
import { trainSettings } from "../settings/train.js";
import type { TrainSettings } from "../settings/types.generated.js";
import { openTask } from "./open-task.js";
import type { Task } from "./task.js";

/**
 * The task that `train` opens with the same settings: its batches in their order, to train the same in another framework.
 */
export async function openTrainingTask(
  from: ModelSource,
  given: TrainSettings & Handles,
): Promise<Task> {
  const { handles, settings: plain } = splitHandles(given);
  const { given: names, settings } = check(trainSettings, plain);
  return inContext(handles, async (context) => {
    const model = await openModel(from, { ...context, architecture: settings.architecture });
    try {
      return await openTask(model.spec, {
        ...context,
        ...settings,
        given: names,
        folder: await model.folder(),
      });
    } finally {
      await model.close();
    }
  });
}
