import { UsageError } from "../usage-error.js";
import type { Feeds, Task } from "./task.js";

/**
 * Sequences or images of a micro-batch, of which an update of `batch` takes `accumulate` one after the other. Throws
 * `sdk/uneven-batch` where they do not come out even.
 */
export function microBatchSize(batch: number, accumulate: number): number {
  const size = batch / accumulate;
  if (Number.isInteger(size)) return size;
  throw new UsageError(
    "sdk/uneven-batch",
    `A \`batch\` of ${batch} cannot be taken in ${accumulate} parts of the same size. ` +
      "`batch` counts all sequences of an update and must be divisible by `accumulate`.",
    { expected: `a multiple of ${accumulate}`, actual: String(batch) },
  );
}

/**
 * The micro-batches of update `step` (0, 1, ...) of a task that was opened at their size. The same sequences are seen in
 * the same order whatever `accumulate` is.
 */
export async function microBatches(
  task: Pick<Task, "batch">,
  step: number,
  accumulate: number,
): Promise<readonly Feeds[]> {
  const parts: Feeds[] = [];
  // one at a time: a task may need the engine for a batch
  for (let part = 0; part < accumulate; part++) {
    parts.push(await task.batch(step * accumulate + part));
  }
  return parts;
}
