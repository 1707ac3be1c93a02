import { createHash, randomBytes } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { isProcessGone, processIdentity } from "./process-identity.js";

/** Most bytes of a name that are repeated in that of its temporary file; file systems take 255 in all. */
const MAX_NAME_BYTES = 200;

/** Marks of a process in a name: its number, its machine, and what tells it from later processes of that number. */
const MARKS = /^(\d+)-([0-9a-f]{8})-([0-9a-f]{8})-[0-9a-f]{6}$/;

const digest = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 8);

/** Digest of an identity; of a system that tells none, that of nothing. */
const NO_IDENTITY = digest("");

/** How names of everything temporary beside a path begin. */
function prefixOf(path: string): string {
  const name = basename(path);
  return `.${Buffer.byteLength(name) > MAX_NAME_BYTES ? digest(name) : name}.partial-`;
}

/**
 * A hidden name beside `path` that nothing else has, for what is made there before it takes its place. It says which process
 * makes it, so that {@link removeLeftovers} of a later one knows what was left behind.
 */
export async function temporaryBeside(path: string): Promise<string> {
  const identity = digest((await processIdentity(process.pid)) ?? "");
  const marks = [process.pid, digest(hostname()), identity, randomBytes(3).toString("hex")];
  return join(dirname(path), `${prefixOf(path)}${marks.join("-")}`);
}

/**
 * Removes what processes that were killed left beside `path` under names of {@link temporaryBeside}, and returns the paths of
 * that. Whatever belongs to a process that runs, or that ran on another machine and so cannot be asked for, stays.
 */
export async function removeLeftovers(path: string): Promise<readonly string[]> {
  const folder = dirname(path);
  const prefix = prefixOf(path);
  const removed: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(prefix) || !(await isLeftOver(name.slice(prefix.length)))) continue;
    const left = join(folder, name);
    try {
      await rm(left, { recursive: true, force: true });
      removed.push(left);
    } catch {
      // it disturbs nobody, and the next process tries again
    }
  }
  return removed;
}

async function isLeftOver(marks: string): Promise<boolean> {
  const [, pid, host, identity] = MARKS.exec(marks) ?? [];
  if (host !== digest(hostname())) return false;
  return isProcessGone(
    Number(pid),
    (current) => identity === NO_IDENTITY || digest(current) === identity,
  );
}

/**
 * Removes a file or folder. It is renamed first: where the removal is cut short, nothing half removed stands under its name,
 * and {@link removeLeftovers} does the rest.
 */
export async function removeAside(path: string): Promise<void> {
  const aside = await temporaryBeside(path);
  await rename(path, aside);
  await rm(aside, { recursive: true, force: true });
}
