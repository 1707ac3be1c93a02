import { LigoError } from "@ligo/core";
import type { Run, StepToSave } from "./run.js";

export interface RunStepsOptions {
  readonly run: Run;
  readonly steps: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether to end before the last step; asked where a step is done. */
  isDone?(): boolean;
  /** Done at the beginning and after every step; it may be repeated where a run is resumed there. */
  after?(step: number): Promise<void>;
  /** Update `index` (0, 1, ...). */
  update(index: number): Promise<void>;
  /** Facts to save after a step. */
  save(step: number): StepToSave;
}

/**
 * Runs the steps that are left of a run and saves checkpoints on the way. Where the signal stops it, the step under way is
 * finished and saved before the signal's reason is thrown.
 */
export async function runSteps(options: RunStepsOptions): Promise<void> {
  const { run, signal, steps } = options;
  let step = run.from?.state.step ?? 0;
  try {
    for (;;) {
      await options.after?.(step);
      if (run.isDue(step)) await run.save(options.save(step));
      if (step >= steps || options.isDone?.() === true) return;
      signal?.throwIfAborted();
      await options.update(step);
      await run.confirm();
      step += 1;
    }
  } catch (error) {
    if (signal?.aborted === true && !LigoError.isInstance(error)) {
      await run.save(options.save(step));
    }
    throw error;
  }
}
