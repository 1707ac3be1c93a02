import type { Context } from "../context.js";
import { microBatchSize } from "../tasks/micro-batches.js";
import { openTask } from "../tasks/open-task.js";
import type { Task } from "../tasks/task.js";
import type { CheckedGrowSettings } from "../settings/types.generated.js";
import type { Timings } from "../timings.js";
import { UsageError } from "../usage-error.js";
import type { Growth } from "./open-growth.js";

/** Data of a growth, and the weights that it grows. */
export interface GrowthData {
  readonly task: Task;
  /** Weights of the source, by canonical name. */
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** Opens the data of a growth, tells them as an event, and reads its source. */
export async function openGrowthData(
  growth: Growth,
  settings: CheckedGrowSettings,
  context: Context,
  timings: Timings,
): Promise<GrowthData> {
  const task = await timings.time("read", () => openGrowthTask(growth, settings, context));
  const { heldOut, objective, training } = task;
  context.emit({ type: "data", objective, training, heldOut });
  const weights = await timings.time("read", () => growth.base.readAll(context.signal));
  return { task, weights };
}

/** The same data, in the batches of other settings. */
export async function inOtherBatches(
  { weights }: GrowthData,
  growth: Growth,
  settings: CheckedGrowSettings,
  context: Context,
  timings: Timings,
): Promise<GrowthData> {
  // the data were told when they were opened
  const quiet = { ...context, emit: () => undefined };
  const task = await timings.time("read", () => openGrowthTask(growth, settings, quiet));
  return { task, weights };
}

async function openGrowthTask(
  { source, target }: Growth,
  settings: CheckedGrowSettings,
  context: Context,
): Promise<Task> {
  const task = await openTask(target, {
    ...context,
    ...settings,
    tokenizer: settings.tokenizer ?? settings.growVocabulary,
    data: settings.data ?? [],
    batch: microBatchSize(settings.batch, settings.accumulate),
    folder: await source.folder(),
  });
  if (task.teacher === undefined) return task;
  throw new UsageError(
    "sdk/teacher-of-growth",
    "An operator is learned from text alone. Leave `teacher` out, and give it to `train` afterwards.",
    { expected: "no teacher" },
  );
}
