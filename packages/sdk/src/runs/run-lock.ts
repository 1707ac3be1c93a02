import { randomUUID } from "node:crypto";
import { link, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { hostname, uptime } from "node:os";
import {
  isProcessGone,
  processIdentity,
  removeLeftovers,
  temporaryBeside,
  writeFailure,
} from "@ligo/checkpoint";
import { RunError } from "./run-error.js";

/** Name of the file that says which process works in a run folder. */
export const LOCK_NAME = "run.lock";

/** A folder that no other process works in. */
export interface RunLock {
  /** Throws `run/lock-lost` where the lock is not ours any more: somebody removed it. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** What tells the process from later ones of the same number; null where the system does not say. */
  readonly process: string | null;
  /** When the lock was taken, as ISO 8601. */
  readonly taken: string;
}

/**
 * Takes the lock of a folder. A lock that a killed process left behind is taken over. Throws `run/locked` where the process
 * that holds it still runs, or runs on another machine and so cannot be asked.
 *
 * @param lock path of the lock's file, in a folder that may be renamed while it is locked
 * @param name how messages call what is locked
 */
export async function takeLock(lock: () => string, name: string): Promise<RunLock> {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    process: (await processIdentity(process.pid)) ?? null,
    taken: new Date().toISOString(),
  };
  const contents = `${JSON.stringify({ ...holder, key: randomUUID() })}\n`;
  await removeLeftovers(lock());
  while (!(await create(lock(), contents))) await clearStale(lock(), name);
  return {
    async check() {
      if ((await contentsOf(lock())) === contents) return;
      throw new RunError(
        "run/lock-lost",
        `${lock()} is not the lock of this process any more: it was removed or taken over. Nothing more was written.`,
        { file: lock() },
      );
    },
    async release() {
      if ((await contentsOf(lock())) === contents) await unlink(lock());
    },
  };
}

/** Creates a lock with all of its contents at once; false where there is one. */
async function create(lock: string, contents: string): Promise<boolean> {
  const temporary = await temporaryBeside(lock);
  try {
    await writeFile(temporary, contents, { flag: "wx" });
    try {
      await link(temporary, lock);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      // a file system without links
      await writeFile(lock, contents, { flag: "wx" });
    }
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw writeFailure(lock, error);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/** Removes a lock whose process is gone; throws `run/locked` where it is not. */
async function clearStale(lock: string, name: string): Promise<void> {
  const contents = await contentsOf(lock);
  if (contents === undefined) return;
  const holder = parseHolder(contents);
  if (holder !== undefined && !(await isGone(holder))) throw locked(lock, name, holder);
  const aside = await temporaryBeside(lock);
  try {
    await rename(lock, aside);
  } catch (error) {
    // somebody else was quicker
    if (codeOf(error) === "ENOENT") return;
    throw writeFailure(lock, error);
  }
  // not what was looked at: somebody took the lock meanwhile, so it is given back
  if ((await contentsOf(aside)) !== contents) await link(aside, lock).catch(() => undefined);
  await unlink(aside);
}

function locked(lock: string, name: string, { pid, host, taken }: Holder): RunError {
  const other = host !== hostname();
  return new RunError(
    "run/locked",
    `${name} is in use by process ${pid} on ${host} since ${taken}. ` +
      (other
        ? `Where that process runs no more, remove ${lock} and try again.`
        : "Wait for it or stop it, and try again."),
    { file: lock, actual: `process ${pid} on ${host}` },
  );
}

/** The process that holds a lock, and whether it is known to be gone. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly isGone: boolean;
}

/** The holder of a lock; `undefined` where nobody holds it, or it does not say who. */
export async function lockHolder(lock: string): Promise<LockHolder | undefined> {
  const contents = await contentsOf(lock);
  const holder = contents === undefined ? undefined : parseHolder(contents);
  return holder && { pid: holder.pid, host: holder.host, isGone: await isGone(holder) };
}

async function isGone({ host, pid, process: identity, taken }: Holder): Promise<boolean> {
  if (host !== hostname()) return false;
  // this machine was started since
  if (identity === null && Date.parse(taken) < Date.now() - 1000 * uptime()) return true;
  return isProcessGone(pid, (current) => identity === null || current === identity);
}

/** `undefined` where the lock does not say who holds it: the machine went down before it was on the disk. */
function parseHolder(contents: string): Holder | undefined {
  try {
    const { pid, host, process: identity, taken } = JSON.parse(contents) as Partial<Holder>;
    if (typeof pid !== "number" || typeof host !== "string" || typeof taken !== "string") {
      return undefined;
    }
    return { pid, host, process: typeof identity === "string" ? identity : null, taken };
  } catch {
    return undefined;
  }
}

async function contentsOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
