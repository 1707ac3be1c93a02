import { createHash, randomBytes } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Time after which a file of another machine is taken for abandoned: nothing is written to one for so long. */
const ABANDONED_MILLISECONDS = 3_600_000;

/** `<name>.<host>-<process>-<random>.partial` */
const MARKS = /\.([0-9a-f]{8})-(\d+)-[0-9a-f]+\.partial$/u;

const thisHost = (): string => createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** A name to write a file of a cache under before it is renamed, which tells who writes it. */
export function partialBeside(path: string): string {
  return `${path}.${thisHost()}-${process.pid}-${randomBytes(6).toString("hex")}.partial`;
}

/** Removes what killed processes left half written in a folder of a cache. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".partial")) continue;
    const path = join(folder, name);
    // where nothing may be removed the cache can still be read
    if (await isAbandoned(name, path)) await rm(path, { force: true }).catch(() => undefined);
  }
}

async function isAbandoned(name: string, path: string): Promise<boolean> {
  const [, host, pid] = MARKS.exec(name) ?? [];
  if (host === thisHost()) return !isRunning(Number(pid));
  const modified = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  return Date.now() - modified > ABANDONED_MILLISECONDS;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // one of another user runs, but may not be told anything
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
