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
  saveRunCheckpoint,
  savedLosses,
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
  /** Saves a checkpoint, unless there is one of this step, and removes those that are too many. */
  save(step: StepToSave): Promise<void>;
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
    const left = await opened.fail();
    throw left === undefined ? error : explained(error, left, options);
  }
}

interface OpenedRun {
  readonly run: Run;
  /** Lets go of the folder. */
  close(): Promise<void>;
  /** Cleans up after a failure; returns what is left of a run that had begun. */
  fail(): Promise<Left | undefined>;
}

/** What is left of a run: `gone`, or its folder with the last checkpoint. */
type Left = "gone" | { readonly last: RunCheckpoint | undefined };

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
    async fail() {
      await begun?.metrics.close();
      const last = begun?.last();
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
      async fail() {
        await begun?.metrics.close();
        await lock.release().catch(() => undefined);
        return { last: begun?.last() ?? from };
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
  readonly losses: Map<number, number>;
  readonly last: () => RunCheckpoint | undefined;
  readonly saved: (checkpoint: RunCheckpoint) => void;
}

async function beginning(
  { command, timings }: InRunOptions,
  folder: string,
  seal: string,
  lock: RunLock,
  from: RunCheckpoint | undefined,
): Promise<Begun> {
  let last = from;
  for (const [name, seconds] of Object.entries(from?.state.seconds ?? {})) {
    timings.add(name, seconds);
  }
  return {
    folder,
    seal,
    lock,
    metrics: await openRunMetrics(folder, command === "grow" ? "learn" : "train", from?.state),
    losses: new Map(await savedLosses(folder)),
    last: () => last,
    saved: (checkpoint) => void (last = checkpoint),
  };
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
  let savedAt = performance.now();
  const current = (): Begun => {
    if (begun === undefined) throw new Error("The run has not begun.");
    return begun;
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
      const { folder, seal, lock, losses, last, metrics, saved } = current();
      if (step === (last()?.state.step ?? 0)) return;
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
        saved(await saveRunCheckpoint(folder, state, write));
        if (heldOutLoss !== undefined) losses.set(step, heldOutLoss);
        await pruneCheckpoints(folder, keep, losses);
      });
      savedAt = performance.now();
    },
    async finish(write) {
      const { folder, lock, metrics } = current();
      await lock.check();
      await metrics.mark();
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
    const at = last === undefined ? "" : ` Step ${last.state.step} is saved.`;
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
    error.code === "cli/diverged"
      ? `The last checkpoint is ${last.folder}: train on from it with other settings.`
      : `Step ${last.state.step} is saved; go on with: ${resume}`,
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
