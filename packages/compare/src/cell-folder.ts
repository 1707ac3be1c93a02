import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LigoError } from "@ligo/core";
import { writeFailure } from "@ligo/checkpoint";
import { isDone, takeLock } from "@ligo/sdk/runs";
import type { CompareHandles } from "./events.js";

/** File that says which process works in a folder, beside it. */
const lockOf = (folder: string): string => `${folder}.lock`;

/** The name of a folder that is to be removed as soon as its result is kept. */
const asideOf = (folder: string): string => join(dirname(folder), `.${basename(folder)}.done`);

/**
 * Works in a folder of a comparison while no other process does: parts of a comparison may run side by side. Throws `run/locked`
 * where another one works there.
 *
 * @param name how messages call the folder
 */
export async function inOwnFolder<T>(
  folder: string,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(parent, error);
  });
  const lock = await takeLock(() => lockOf(folder), name);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Whether an error says that another process works in a folder. */
export const isLocked = (error: unknown): boolean =>
  LigoError.isInstance(error) && error.code === "run/locked";

/** Takes back the folder of a cell whose process was killed just before its result was kept. */
export async function takeBack(folder: string): Promise<void> {
  const aside = asideOf(folder);
  if (!existsSync(aside) || existsSync(folder)) return;
  await rename(aside, folder).catch((error: unknown) => {
    throw writeFailure(folder, error);
  });
}

/**
 * Keeps the result of a cell and removes its folder. That is renamed first: wherever this is cut short, the folder is either
 * whole or known to be done with, and the next process finishes.
 */
export async function keepAndRemove(folder: string, keep: () => Promise<void>): Promise<void> {
  const aside = asideOf(folder);
  if (existsSync(folder)) {
    await rename(folder, aside).catch((error: unknown) => {
      throw writeFailure(folder, error);
    });
  }
  await keep();
  // what cannot be removed now is removed by the next process
  await rm(aside, { recursive: true, force: true }).catch(() => undefined);
}

/**
 * Whether a run has come to its end. What a process left in it that was killed after that, and before it let go, is removed; where
 * another process works there, that does it.
 */
export async function isFinished(
  folder: string,
  { onEvent }: Pick<CompareHandles, "onEvent">,
): Promise<boolean> {
  try {
    return await isDone(folder, { emit: (event) => onEvent?.(event) });
  } catch (error) {
    // only what is finished is looked into
    if (isLocked(error)) return true;
    throw error;
  }
}

/**
 * Removes what a process that was killed left of a folder that is done with: the folder itself where it was renamed, and its
 * lock. Returns the paths of that. Where another process works there, that does it.
 */
export async function clearDone(folder: string, name: string): Promise<readonly string[]> {
  const left = [asideOf(folder), lockOf(folder)].filter((path) => existsSync(path));
  if (left.length === 0) return [];
  try {
    await inOwnFolder(folder, name, () => rm(asideOf(folder), { recursive: true, force: true }));
    return left;
  } catch (error) {
    if (isLocked(error)) return [];
    throw writeFailure(folder, error);
  }
}
