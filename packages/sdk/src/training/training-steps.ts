import type { CheckedTrainSettings } from "../settings/types.generated.js";
import type { Task } from "../tasks/task.js";

/** Settings of a training with its steps counted out. */
export interface TrainingSettings extends CheckedTrainSettings {
  readonly scheduleSteps: number;
  readonly warmup: number;
}

/** Share of the schedule's steps over which the learning rate rises. */
const WARMUP = 0.1;

/** Share of the schedule's steps over which a teacher of text leaves the loss: 55 of 125 thousand, Qin et al., 2022. */
const TAUGHT = 0.44;

/** Steps by epochs, the schedule's steps, the warm-up and a teacher's steps, where settings leave them to the data. */
export function trainingSteps(settings: CheckedTrainSettings, task: Task): TrainingSettings {
  const { accumulate, epochs, stepsBefore } = settings;
  const steps =
    epochs === undefined ? settings.steps : Math.ceil((epochs * task.batchesPerEpoch) / accumulate);
  const scheduleSteps = settings.scheduleSteps ?? stepsBefore + steps;
  const taught = settings.teacherSteps ?? Math.round(TAUGHT * scheduleSteps);
  return {
    ...settings,
    steps,
    scheduleSteps,
    warmup: settings.warmup ?? Math.round(WARMUP * scheduleSteps),
    teacherSteps: task.teacher === undefined ? settings.teacherSteps : taught,
  };
}
