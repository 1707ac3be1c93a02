import { openModel, type OpenModelOptions } from "../models/open-model.js";
import { TRAIN_DEFAULTS } from "../train-defaults.js";
import { openTask } from "./open-task.js";
import type { ImageTaskOptions, TeacherOptions, TextTaskOptions } from "./task-options.js";
import type { Task } from "./task.js";

export interface TrainingTaskOptions
  extends OpenModelOptions, ImageTaskOptions, TextTaskOptions, TeacherOptions {
  /** The checkpoint to be trained. */
  readonly checkpoint: string;
  /** Files, folders and globs. */
  readonly data: readonly string[];
  /** What to judge by, instead of what is held out of `data`. */
  readonly evalData?: readonly string[] | undefined;
  /** Name of the objective. Default: the one the model's class is made for. */
  readonly objective?: string | undefined;
  readonly batch?: number | undefined;
  readonly sequence?: number | undefined;
  readonly seed?: number | undefined;
  readonly heldOut?: number | undefined;
  readonly tokenizer?: string | undefined;
}

/**
 * The task that `ligo train` opens with the same options: what batches it takes in which order, to train the same in another
 * framework.
 */
export async function openTrainingTask(options: TrainingTaskOptions): Promise<Task> {
  const model = await openModel(options.checkpoint, options);
  try {
    return await openTask(model.spec, {
      ...options,
      folder: model.checkpoint.folder,
      batch: options.batch ?? TRAIN_DEFAULTS.batch,
      sequence: options.sequence ?? TRAIN_DEFAULTS.sequence,
      heldOut: options.heldOut ?? TRAIN_DEFAULTS.heldOut,
      seed: options.seed ?? TRAIN_DEFAULTS.seed,
      engine: TRAIN_DEFAULTS.engine,
    });
  } finally {
    await model.close();
  }
}
