import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { LigoError } from "@ligo/core";
import { createOutputFolder, syncFolder, writeFailure, writeOutputFolder } from "@ligo/checkpoint";
import { RECORD_NAME } from "../models/record-file.js";
import { openRunMetrics } from "../metrics/run-metrics.js";
import type { MetricsFile } from "../training/metrics-file.js";
import type { Timings } from "../timings.js";
import { InterruptedError } from "./interrupted-error.js";
import { RECIPE_NAME, checkRecipe, writeRecipe, type Recipe, type StoredRecipe } from "./recipe.js";
import {
  newestCheckpoint,
  pruneCheckpoints,
  removePartialCheckpoints,
  checkpointFolder,
  saveRunCheckpoint,
  savedLosses,
  savedSteps,
  type RunCheckpoint,
} from "./run-checkpoints.js";
import { RunError } from "./run-error.js";
import { LOCK_TEMPORARY, takeLock, type RunLock } from "./run-lock.js";
import { RUN_DEFAULTS, type RunOptions } from "./run-options.js";

/** Where the final files are gathered before they are moved up. */
const FINAL = ".final";

/** What there is to say of a step when it is saved. */
export interface StepToSave {
  readonly step: number;
  /** JSON that the command finds again as `from.state.progress`. */
  readonly progress: unknown;
  readonly heldOutLoss?: number | undefined;
  /** Writes everything else into the checkpoint's folder. */
  readonly write: (folder: string) => Promise<void>;
}

/** A run and its folder. */
export interface Run {
  /** The checkpoint to go on from; `undefined` at the beginning. */
  readonly from: RunCheckpoint | undefined;
  /** Lines of `metrics.jsonl`; from `begin` on. */
  readonly metrics: MetricsFile;
  /**
   * Everything is ready for the first step: the folder of a new run appears, a resumed one is held against its recipe.
   * Throws `run/changed`, `run/damaged-metrics`, `OutputError`.
   */
  begin(recipe: Recipe): Promise<void>;
  /** Whether a checkpoint is due after a step. */
  isDue(step: number): boolean;
  /** Saves a checkpoint, unless there is one of this step. */
  save(step: StepToSave): Promise<void>;
  /**
   * A step went well: the weights it began with are good, and so is a checkpoint of them. Only now those that are too many
   * are removed.
   */
  confirm(): Promise<void>;
  /** Ends the run: what `write` writes into a folder is moved to the top of the run's, its `ligo.json` last. */
  finish<T>(write: (folder: string) => Promise<T>): Promise<T>;
}

export interface InRunOptions extends RunOptions {
  /** Folder of the run. */
  readonly out: string;
  /** The recipe of a run to resume; a new one is begun otherwise, in a folder that is missing or empty. */
  readonly resume: StoredRecipe | undefined;
  readonly command: Recipe["command"];
  readonly timings: Timings;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a run has come to its end. */
const isFinished = (folder: string): boolean => existsSync(join(folder, RECORD_NAME));

/** Whether there is nothing left to do of a run; what it left half removed, where it was killed at its end, is removed. */
export async function isDone(folder: string): Promise<boolean> {
  if (!isFinished(folder)) return false;
  const lock = await takeLock(() => folder, folder);
  try {
    await removePartial(folder);
  } finally {
    await lock.release();
  }
  return true;
}

/**
 * Works in a run folder that no other process works in. Where the work fails before a checkpoint was saved, a new run leaves
 * nothing behind; after that, its folder stays as it was at the last checkpoint, and the error says how to go on. Throws
 * {@link InterruptedError} where the signal stopped it and it can be resumed.
 */
export async function inRun<T>(options: InRunOptions, work: (run: Run) => Promise<T>): Promise<T> {
  const opened = await (options.resume === undefined
    ? newRun(options)
    : reopenedRun(options, options.resume));
  try {
    const result = await work(opened.run);
    await opened.close();
    return result;
  } catch (error) {
    const left = await opened.fail(isDiverged(error));
    throw left === undefined ? error : explained(error, left, options);
  }
}

interface OpenedRun {
  readonly run: Run;
  /** Lets go of the folder. */
  close(): Promise<void>;
  /** Cleans up after a failure; returns what is left of a run that had begun. Where it diverged, only what is good counts. */
  fail(diverged: boolean): Promise<Left | undefined>;
}

/** What is left of a run: `gone`, or its folder with the step of the last checkpoint. */
type Left = "gone" | { readonly last: number | undefined };

const isDiverged = (error: unknown): boolean =>
  LigoError.isInstance(error) && error.code === "cli/diverged";

async function newRun(options: InRunOptions): Promise<OpenedRun> {
  const { out } = options;
  const output = await createOutputFolder(out).catch((error: unknown) => {
    throw existsSync(join(out, RECIPE_NAME)) ? alreadyThere(options) : error;
  });
  let lock: RunLock | undefined;
  let begun: Begun | undefined;
  return {
    run: createRun({
      options,
      from: undefined,
      async begin(recipe) {
        lock = await takeLock(() => output.folder, out);
        const { sha256: seal } = await writeRecipe(output.folder, recipe);
        await output.place();
        begun = await beginning(options, output.folder, seal, lock, undefined);
        return begun;
      },
    }),
    async close() {
      await begun?.metrics.close();
      await lock?.release();
    },
    async fail(diverged) {
      await begun?.metrics.close();
      const last = await begun?.lastStep(diverged);
      // a folder whose lock we lost may be somebody else's by now
      const isOurs = await (lock?.check() ?? Promise.resolve()).then(
        () => true,
        () => false,
      );
      if (last === undefined && isOurs) await output.remove().catch(() => undefined);
      else await lock?.release().catch(() => undefined);
      return begun && (last === undefined ? "gone" : { last });
    },
  };
}

function alreadyThere({ command, out }: InRunOptions): RunError {
  return new RunError(
    "run/exists",
    isFinished(out)
      ? `${out} holds a finished run. Choose another --out.`
      : `${out} holds a run that has begun. Go on with it: ${resumeCommand(command, out)}\nor choose another --out.`,
    { file: out, expected: "a missing or empty folder" },
  );
}

async function reopenedRun(options: InRunOptions, recipe: StoredRecipe): Promise<OpenedRun> {
  const { out } = options;
  const lock = await takeLock(() => out, out);
  let begun: Begun | undefined;
  try {
    await removePartial(out);
    const from = await newestCheckpoint(out, recipe.sha256);
    return {
      run: createRun({
        options,
        from,
        async begin(now) {
          checkRecipe(out, recipe, now);
          begun = await beginning(options, out, recipe.sha256, lock, from);
          return begun;
        },
      }),
      async close() {
        await begun?.metrics.close();
        await lock.release();
      },
      async fail(diverged) {
        await begun?.metrics.close();
        const last = begun === undefined ? from?.state.step : await begun.lastStep(diverged);
        await lock.release().catch(() => undefined);
        return { last };
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A run that has begun. */
interface Begun {
  readonly folder: string;
  /** Of the recipe. */
  readonly seal: string;
  readonly lock: RunLock;
  readonly metrics: MetricsFile;
  /** Losses on held-out data of what was saved, by step. */
  readonly losses: Map<number, number>;
  /** The step that was saved last and whose weights no step has begun with yet. */
  unconfirmed: number | undefined;
  /** The step of the last checkpoint, or of the last good one. */
  readonly lastStep: (good: boolean) => Promise<number | undefined>;
}

async function beginning(
  { command, timings }: InRunOptions,
  folder: string,
  seal: string,
  lock: RunLock,
  from: RunCheckpoint | undefined,
): Promise<Begun> {
  for (const [name, seconds] of Object.entries(from?.state.seconds ?? {})) {
    timings.add(name, seconds);
  }
  const begun: Begun = {
    folder,
    seal,
    lock,
    metrics: await openRunMetrics(folder, command === "grow" ? "learn" : "train", from?.state),
    losses: new Map(await savedLosses(folder)),
    unconfirmed: from?.state.step,
    async lastStep(good) {
      const steps = await savedSteps(folder);
      return steps.filter((step) => !good || step !== begun.unconfirmed).at(-1);
    },
  };
  return begun;
}

function createRun({
  options,
  from,
  begin,
}: {
  readonly options: InRunOptions;
  readonly from: RunCheckpoint | undefined;
  readonly begin: (recipe: Recipe) => Promise<Begun>;
}): Run {
  const { saveEvery, keep = RUN_DEFAULTS.keep, timings } = options;
  const defaultMinutes = saveEvery === undefined ? RUN_DEFAULTS.saveMinutes : 0;
  const minutes = options.saveMinutes ?? defaultMinutes;
  let begun: Begun | undefined;
  /** Of nothing there is no checkpoint. */
  let lastSaved = from?.state.step ?? 0;
  let savedAt = performance.now();
  const current = (): Begun => {
    if (begun === undefined) throw new Error("The run has not begun.");
    return begun;
  };
  const confirm = async (): Promise<void> => {
    const run = current();
    if (run.unconfirmed === undefined) return;
    run.unconfirmed = undefined;
    await timings.time("save", () => pruneCheckpoints(run.folder, keep, run.losses));
  };
  return {
    from,
    get metrics() {
      return current().metrics;
    },
    async begin(recipe) {
      begun = await begin(recipe);
      savedAt = performance.now();
    },
    isDue(step) {
      if (saveEvery !== undefined && step > 0 && step % saveEvery === 0) return true;
      return minutes > 0 && performance.now() - savedAt >= 60_000 * minutes;
    },
    async save({ step, progress, heldOutLoss, write }) {
      const { folder, seal, lock, losses, metrics } = current();
      if (step === lastSaved) return;
      await timings.time("save", async () => {
        await lock.check();
        const state = {
          step,
          progress,
          seconds: timings.seconds,
          held_out_loss: heldOutLoss ?? null,
          metrics: await metrics.mark(),
          recipe_sha256: seal,
        };
        await saveRunCheckpoint(folder, state, write);
        if (heldOutLoss !== undefined) losses.set(step, heldOutLoss);
      });
      lastSaved = step;
      current().unconfirmed = step;
      savedAt = performance.now();
    },
    confirm,
    async finish(write) {
      const { folder, lock, metrics } = current();
      await lock.check();
      await metrics.mark();
      await confirm();
      const gathered = join(folder, FINAL);
      try {
        const result = await writeOutputFolder(gathered, write);
        await moveUp(gathered, folder);
        return result;
      } catch (error) {
        throw writeFailure(folder, error);
      }
    },
  };
}

/** Moves the final files of a run to its top. The record comes last: with it the run is finished. */
async function moveUp(gathered: string, folder: string): Promise<void> {
  for (const name of await readdir(gathered)) {
    if (name !== RECORD_NAME) await rename(join(gathered, name), join(folder, name));
  }
  await syncFolder(folder);
  await rename(join(gathered, RECORD_NAME), join(folder, RECORD_NAME));
  await rm(gathered, { recursive: true });
  await syncFolder(folder);
}

/** Removes what a killed process left half written. */
async function removePartial(folder: string): Promise<void> {
  try {
    for (const name of await readdir(folder)) {
      if (/^\.+final/.test(name) || name.startsWith(`${LOCK_TEMPORARY}-`)) {
        await rm(join(folder, name), { recursive: true, force: true });
      }
    }
    await removePartialCheckpoints(folder);
  } catch (error) {
    throw writeFailure(folder, error);
  }
}

/** The error of a run that had begun, with what is left of the run and how to go on. */
function explained(error: unknown, left: Left, { command, out, signal }: InRunOptions): unknown {
  const resume = resumeCommand(command, out);
  const last = left === "gone" ? undefined : left.last;
  if (!LigoError.isInstance(error)) {
    if (left === "gone" || signal?.aborted !== true) return error;
    const at = last === undefined ? "" : ` Step ${last} is saved.`;
    return new InterruptedError("cli/interrupted", `Interrupted.${at} Go on with:\n  ${resume}`, {
      file: out,
      cause: error,
    });
  }
  if (error.code.startsWith("run/")) return error;
  if (left === "gone") return withAdvice(error, "Nothing was kept.");
  if (last === undefined) return error;
  return withAdvice(
    error,
    isDiverged(error)
      ? `The last good checkpoint is ${checkpointFolder(out, last)}: begin another run from it with other settings.`
      : `Step ${last} is saved; go on with: ${resume}`,
  );
}

/** The same error with a further sentence. */
function withAdvice(error: LigoError, advice: string): LigoError {
  const Same = error.constructor as typeof LigoError;
  const { file, tensor, expected, actual } = error;
  const details = { file, tensor, expected, actual, cause: error };
  return new Same(error.code, `${error.message} ${advice}`, details);
}

/** The line that resumes a run. */
function resumeCommand(command: string, folder: string): string {
  const quoted = /^[\w./~+-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`;
  return `ligo ${command} --resume ${quoted}`;
}
