import { randomUUID } from "node:crypto";
import { link, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { hostname, uptime } from "node:os";
import { dirname, join } from "node:path";
import { writeFailure } from "@ligo/checkpoint";
import { RunError } from "./run-error.js";

/** Name of the file that says which process works in a run folder. */
const LOCK_NAME = "run.lock";
/** How names of its temporary files begin. */
export const LOCK_TEMPORARY: string = `.${LOCK_NAME}`;

/** A run folder that no other process works in. */
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
 * Takes the lock of a run folder. A lock that a killed process left behind is taken over. Throws `run/locked` where the
 * process that holds it still runs, or runs on another machine and so cannot be asked.
 *
 * @param folder path of the folder, which may be renamed while it is locked
 * @param name how messages call the folder
 */
export async function takeLock(folder: () => string, name: string): Promise<RunLock> {
  const lock = (): string => join(folder(), LOCK_NAME);
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    process: (await processIdentity(process.pid)) ?? null,
    taken: new Date().toISOString(),
  };
  const contents = `${JSON.stringify({ ...holder, key: randomUUID() })}\n`;
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
  const temporary = `${join(dirname(lock), LOCK_TEMPORARY)}-${randomUUID()}`;
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
  const aside = `${join(dirname(lock), LOCK_TEMPORARY)}-stale-${randomUUID()}`;
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

async function isGone(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return false;
  if (holder.process !== null) return (await processIdentity(holder.pid)) !== holder.process;
  // this machine was started since
  if (Date.parse(holder.taken) < Date.now() - 1000 * uptime()) return true;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

/**
 * On Linux the boot and the time in it at which a process was started, which no other process of the same number shares;
 * `undefined` where there is no such process, and on other systems.
 */
async function processIdentity(pid: number): Promise<string | undefined> {
  try {
    const [boot, stat] = await Promise.all([
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
      readFile(`/proc/${pid}/stat`, "utf8"),
    ]);
    // The name of the process, in parentheses, may hold anything; its state follows as field 3, its start is field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : `${boot.trim()} ${fields[19]}`;
  } catch {
    return undefined;
  }
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
