import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { LigoError } from "@ligo/core";
import { createOutputFolder, syncFolder, writeFailure, writeOutputFolder } from "@ligo/checkpoint";
import { RECORD_NAME } from "../models/record-file.js";
import { openRunMetrics } from "../metrics/run-metrics.js";
import type { MetricsFile } from "../training/metrics-file.js";
import type { Context } from "../context.js";
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
import { LOCK_NAME, takeLock, type RunLock } from "./run-lock.js";
import { beginStatus, type RunFacts, type StatusFile } from "./run-status.js";
import { savingOf, type SaveSettings } from "../settings/saving.js";
import { memoryRun, type Run } from "./run.js";

/** Where the final files are gathered before they are moved up. */
const FINAL = ".final";

export interface InRunOptions extends SaveSettings {
  /** Folder of the run; without one nothing is saved. */
  readonly out: string | undefined;
  /** The recipe of a run to resume; a new one is begun otherwise, in a folder that is missing or empty. */
  readonly resume: StoredRecipe | undefined;
  readonly command: Recipe["command"];
  readonly timings: Timings;
  readonly context: Pick<Context, "emit" | "signal">;
}

/** The same of a run that has a folder. */
interface FolderOptions extends InRunOptions {
  readonly out: string;
}

/** Whether a run has come to its end. */
const isFinished = (folder: string): boolean => existsSync(join(folder, RECORD_NAME));

/** Takes the lock of a run folder, which may be renamed meanwhile. Throws `run/locked`. */
const lockFolder = (folder: () => string, name: string): Promise<RunLock> =>
  takeLock(() => join(folder(), LOCK_NAME), name);

/** Tells of what killed processes left behind, where there was something to remove. */
export function tellLeftovers(paths: readonly string[], { emit }: Pick<Context, "emit">): void {
  if (paths.length > 0) emit({ type: "warning", code: "leftovers-removed", paths });
}

/** Whether there is nothing left to do of a run; what it left half removed, where it was killed at its end, is removed. */
export async function isDone(folder: string, context: Pick<Context, "emit">): Promise<boolean> {
  if (!isFinished(folder)) return false;
  const lock = await lockFolder(() => folder, folder);
  try {
    tellLeftovers(await removePartial(folder), context);
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
  const { out, resume } = options;
  if (out === undefined) return work(memoryRun);
  const inFolder: FolderOptions = { ...options, out };
  const opened = await (resume === undefined ? newRun(inFolder) : reopenedRun(inFolder, resume));
  try {
    const result = await work(opened.run);
    await opened.close();
    return result;
  } catch (error) {
    const left = await opened.fail(error);
    throw left === undefined ? error : explained(error, left, inFolder);
  }
}

interface OpenedRun {
  readonly run: Run;
  /** Lets go of the folder. */
  close(): Promise<void>;
  /** Cleans up after a failure; returns what is left of a run that had begun. Where it diverged, only what is good counts. */
  fail(reason: unknown): Promise<Left | undefined>;
}

/** What is left of a run: `gone`, or its folder with the step of the last checkpoint. */
type Left = "gone" | { readonly last: number | undefined };

const isDiverged = (error: unknown): boolean =>
  LigoError.isInstance(error) && error.code === "run/diverged";

async function newRun(options: FolderOptions): Promise<OpenedRun> {
  const { out } = options;
  const output = await createOutputFolder(out).catch((error: unknown) => {
    throw existsSync(join(out, RECIPE_NAME)) ? alreadyThere(options) : error;
  });
  tellLeftovers(output.leftovers, options.context);
  let lock: RunLock | undefined;
  let begun: Begun | undefined;
  return {
    run: createRun({
      options,
      from: undefined,
      async begin(recipe, facts) {
        lock = await lockFolder(() => output.folder, out);
        const { sha256: seal } = await writeRecipe(output.folder, recipe);
        await output.place();
        begun = await beginning(options, output.folder, facts, { seal, lock, from: undefined });
        return begun;
      },
    }),
    async close() {
      await begun?.metrics.close();
      await lock?.release();
    },
    async fail(reason) {
      await begun?.metrics.close();
      const last = await begun?.lastStep(isDiverged(reason));
      // a folder whose lock we lost may be somebody else's by now
      const isOurs = await (lock?.check() ?? Promise.resolve()).then(
        () => true,
        () => false,
      );
      if (last === undefined && isOurs) await output.remove().catch(() => undefined);
      else {
        if (isOurs) await begun?.status.end(reason, options.context.signal.aborted);
        await lock?.release().catch(() => undefined);
      }
      return begun && (last === undefined ? "gone" : { last });
    },
  };
}

function alreadyThere({ out }: FolderOptions): RunError {
  return new RunError(
    "run/exists",
    isFinished(out)
      ? `${out} holds a finished run. Choose another \`out\`.`
      : `${out} holds a run that has begun. Go on with it by ${resumeCall(out)}, or choose another \`out\`.`,
    { file: out, expected: "a missing or empty folder" },
  );
}

async function reopenedRun(options: FolderOptions, recipe: StoredRecipe): Promise<OpenedRun> {
  const { out } = options;
  const lock = await lockFolder(() => out, out);
  let begun: Begun | undefined;
  try {
    tellLeftovers(await removePartial(out), options.context);
    const from = await newestCheckpoint(out, recipe.sha256);
    options.context.emit({ type: "resumed", step: from?.state.step ?? 0, finished: false });
    return {
      run: createRun({
        options,
        from,
        async begin(now, facts) {
          checkRecipe(out, recipe, now);
          begun = await beginning(options, out, facts, { seal: recipe.sha256, lock, from });
          return begun;
        },
      }),
      async close() {
        await begun?.metrics.close();
        await lock.release();
      },
      async fail(reason) {
        await begun?.metrics.close();
        const last =
          begun === undefined ? from?.state.step : await begun.lastStep(isDiverged(reason));
        await begun?.status.end(reason, options.context.signal.aborted);
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
  readonly status: StatusFile;
  /** Losses on held-out data of what was saved, by step. */
  readonly losses: Map<number, number>;
  /** The step that was saved last and whose weights no step has begun with yet. */
  unconfirmed: number | undefined;
  /** The step of the last checkpoint, or of the last good one. */
  readonly lastStep: (good: boolean) => Promise<number | undefined>;
}

async function beginning(
  { command, context, timings }: FolderOptions,
  folder: string,
  facts: RunFacts,
  { from, ...held }: Pick<Begun, "lock" | "seal"> & { readonly from: RunCheckpoint | undefined },
): Promise<Begun> {
  for (const [name, seconds] of Object.entries(from?.state.seconds ?? {})) {
    timings.add(name, seconds);
  }
  const begun: Begun = {
    folder,
    ...held,
    status: await beginStatus(folder, facts, timings.seconds),
    metrics: await openRunMetrics(
      folder,
      command === "grow" ? "learn" : "train",
      context,
      from?.state,
    ),
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
  readonly options: FolderOptions;
  readonly from: RunCheckpoint | undefined;
  readonly begin: (recipe: Recipe, facts: RunFacts) => Promise<Begun>;
}): Run {
  const { context, saveEvery, timings } = options;
  const { keep, saveMinutes } = savingOf(options);
  let begun: Begun | undefined;
  /** Before the first step there is nothing to save. */
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
    async begin(recipe, facts) {
      begun = await begin(recipe, facts);
      savedAt = performance.now();
    },
    isDue(step) {
      if (saveEvery !== undefined && step > 0 && step % saveEvery === 0) return true;
      return saveMinutes > 0 && performance.now() - savedAt >= 60_000 * saveMinutes;
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
        context.emit({ type: "checkpoint", step, path: checkpointFolder(folder, step) });
        if (heldOutLoss !== undefined) losses.set(step, heldOutLoss);
      });
      lastSaved = step;
      current().unconfirmed = step;
      savedAt = performance.now();
    },
    confirm,
    async finish(write) {
      const { folder, lock, metrics, status } = current();
      await lock.check();
      await metrics.mark(true);
      await confirm();
      const gathered = join(folder, FINAL);
      try {
        const result = await writeOutputFolder(gathered, write);
        await status.remove();
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

/** Removes what a killed process left half written, and returns the paths of that. */
async function removePartial(folder: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /^\.+final/.test(name));
    const left = names.map((name) => join(folder, name));
    for (const path of left) await rm(path, { recursive: true, force: true });
    return [...left, ...(await removePartialCheckpoints(folder))];
  } catch (error) {
    throw writeFailure(folder, error);
  }
}

/** The error of a run that had begun, with what is left of the run and how to go on. */
function explained(
  error: unknown,
  left: Left,
  { context: { signal }, out }: FolderOptions,
): unknown {
  const last = left === "gone" ? undefined : left.last;
  if (!LigoError.isInstance(error)) {
    if (left === "gone" || !signal.aborted) return error;
    const at = last === undefined ? "" : ` Step ${last} is saved.`;
    const words = `Interrupted.${at} Go on with ${resumeCall(out)}.`;
    return new InterruptedError("run/interrupted", words, { file: out, cause: error });
  }
  if (error.code.startsWith("run/") && !isDiverged(error)) return error;
  if (left === "gone") return withAdvice(error, "Nothing was kept.");
  if (last === undefined) return error;
  return withAdvice(
    error,
    isDiverged(error)
      ? `The last good checkpoint is ${checkpointFolder(out, last)}: begin another run from it with other settings.`
      : `Step ${last} is saved; go on with ${resumeCall(out)}.`,
  );
}

/** The same error with a further sentence. */
function withAdvice(error: LigoError, advice: string): LigoError {
  const Same = error.constructor as typeof LigoError;
  const { file, tensor, expected, actual } = error;
  const details = { file, tensor, expected, actual, cause: error };
  return new Same(error.code, `${error.message} ${advice}`, details);
}

/** The call that resumes a run. */
const resumeCall = (folder: string): string => `\`resume(${JSON.stringify(folder)})\``;
