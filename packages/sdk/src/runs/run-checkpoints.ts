import { existsSync } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "@ligo/core/zod";
import { hashFile, writeFailure, writeFileAtomically, writeOutputFolder } from "@ligo/checkpoint";
import type { MetricsMark } from "../training/metrics-file.js";
import { RunError } from "./run-error.js";
import { readSealed, writeSealed, type SealedKind } from "./sealed-json.js";

/** Folder of a run's checkpoints, in the run's folder. */
const CHECKPOINTS = "checkpoints";
const STATE_NAME = "state.json";
/** Says which of the checkpoints is the best. */
const BEST_NAME = "best.json";

/** Where a run stood when a checkpoint was saved. */
export interface RunState {
  /** Updates done. */
  readonly step: number;
  /** What the command wants to remember beside weights and optimiser: JSON. */
  readonly progress: unknown;
  /** Seconds spent so far, by what they were spent on. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Loss on held-out data, where it was measured at this step. */
  readonly held_out_loss: number | null;
  /** Where the metrics stood. */
  readonly metrics: MetricsMark;
  /** The seal of the run's recipe. */
  readonly recipe_sha256: string;
}

/** A checkpoint of a run. */
export interface RunCheckpoint {
  readonly folder: string;
  readonly state: RunState;
}

interface StoredState extends RunState {
  /** Every other file of the checkpoint. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

const count = z.number().int().nonnegative();

const shape: z.ZodType = z.looseObject({
  step: count,
  seconds: z.record(z.string(), z.number()),
  held_out_loss: z.number().nullable(),
  metrics: z.object({ bytes: count, sha256: z.string() }),
  recipe_sha256: z.string(),
  files: z.record(z.string(), z.object({ bytes: count, sha256: z.string() })),
});

const kindFor = (advice: string): SealedKind => ({
  format: "ligo.run-state",
  formatVersion: 1,
  code: "run/damaged-checkpoint",
  advice,
  shape,
});

const nameOf = (step: number): string => `step-${step}`;

/** Where the checkpoint of a step is. */
export const checkpointFolder = (run: string, step: number): string =>
  join(run, CHECKPOINTS, nameOf(step));

/**
 * Saves a checkpoint all or nothing: `write` fills a temporary folder, which is synced and renamed. Throws `OutputError`,
 * and what `write` throws.
 */
export async function saveRunCheckpoint(
  run: string,
  state: RunState,
  write: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = checkpointFolder(run, state.step);
  const fill = async (temporary: string): Promise<void> => {
    await write(temporary);
    const files: Record<string, { bytes: number; sha256: string }> = {};
    for (const name of (await readdir(temporary)).toSorted()) {
      const path = join(temporary, name);
      files[name] = { bytes: (await stat(path)).size, sha256: await hashFile(path) };
    }
    const contents: StoredState = { ...state, files };
    await writeSealed(join(temporary, STATE_NAME), kindFor(""), contents);
  };
  try {
    await writeOutputFolder(folder, fill);
  } catch (error) {
    throw writeFailure(folder, error);
  }
}

/**
 * The newest checkpoint of a run; `undefined` where there is none. Every byte of it is checked: throws
 * `run/damaged-checkpoint` where it is not as it was written, or of another run.
 *
 * @param seal of the run's recipe
 */
export async function newestCheckpoint(
  run: string,
  seal: string,
): Promise<RunCheckpoint | undefined> {
  const steps = await savedSteps(run);
  const step = steps.at(-1);
  if (step === undefined) return undefined;
  const before = steps.at(-2);
  const folder = checkpointFolder(run, step);
  const advice =
    `Remove ${folder} and resume again: ` +
    (before === undefined
      ? "there is no checkpoint before it, so the run begins anew."
      : `the run goes on from step ${before}.`);
  const damaged = (file: string, problem: string, details: object = {}): RunError =>
    new RunError("run/damaged-checkpoint", `${file} ${problem}. ${advice}`, { file, ...details });
  const { files, ...state } = await readSealed<StoredState>(
    join(folder, STATE_NAME),
    kindFor(advice),
  );
  if (state.step !== step) throw damaged(folder, `holds a checkpoint of step ${state.step}`);
  if (state.recipe_sha256 !== seal) throw damaged(folder, "is a checkpoint of another run");
  for (const [name, { bytes, sha256 }] of Object.entries(files)) {
    const file = join(folder, name);
    const size = await stat(file).then(
      (found) => found.size,
      () => undefined,
    );
    if (size === undefined) throw damaged(file, "is missing");
    if (size !== bytes) {
      throw damaged(file, `has ${size} bytes of ${bytes}`, {
        expected: `${bytes} bytes`,
        actual: `${size} bytes`,
      });
    }
    const actual = await hashFile(file);
    if (actual !== sha256) {
      throw damaged(file, "was changed after it was written", { expected: sha256, actual });
    }
  }
  return { folder, state };
}

/** Steps at which there is a checkpoint, the last one last. */
export async function savedSteps(run: string): Promise<readonly number[]> {
  const checkpoints = join(run, CHECKPOINTS);
  const names = existsSync(checkpoints) ? await readdir(checkpoints) : [];
  return names
    .flatMap((name) => /^step-(0|[1-9]\d*)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
}

/** Held-out losses of the checkpoints that have one, by step. Unreadable ones have none. */
export async function savedLosses(run: string): Promise<ReadonlyMap<number, number>> {
  const losses = new Map<number, number>();
  for (const step of await savedSteps(run)) {
    const file = join(checkpointFolder(run, step), STATE_NAME);
    const state = await readSealed<StoredState>(file, kindFor("")).catch(() => undefined);
    if (typeof state?.held_out_loss === "number") losses.set(step, state.held_out_loss);
  }
  return losses;
}

/**
 * Marks the best checkpoint and removes all but it and the last `keep`.
 *
 * @param losses held-out losses by step
 */
export async function pruneCheckpoints(
  run: string,
  keep: number,
  losses: ReadonlyMap<number, number>,
): Promise<void> {
  const checkpoints = join(run, CHECKPOINTS);
  const steps = await savedSteps(run);
  const [best] = steps
    .filter((step) => losses.has(step))
    .toSorted((a, b) => (losses.get(a) ?? 0) - (losses.get(b) ?? 0));
  if (best !== undefined) {
    const mark = { folder: nameOf(best), step: best, held_out_loss: losses.get(best) };
    await writeFileAtomically(
      join(checkpoints, BEST_NAME),
      `${JSON.stringify(mark, undefined, 2)}\n`,
    );
  }
  for (const step of steps.slice(0, -keep)) {
    if (step === best) continue;
    const folder = join(checkpoints, nameOf(step));
    // Out of sight first: a removal that is cut short would leave what looks like a damaged checkpoint.
    const aside = join(checkpoints, `.${nameOf(step)}.removed`);
    try {
      await rename(folder, aside);
      await rm(aside, { recursive: true });
    } catch (error) {
      throw writeFailure(folder, error);
    }
  }
}

/** Removes what a killed process left half written or half removed, and returns the paths of that. */
export async function removePartialCheckpoints(run: string): Promise<readonly string[]> {
  const checkpoints = join(run, CHECKPOINTS);
  const names = existsSync(checkpoints) ? await readdir(checkpoints) : [];
  const left = names.filter((name) => name.startsWith(".")).map((name) => join(checkpoints, name));
  for (const path of left) await rm(path, { recursive: true, force: true });
  return left;
}
