import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** The part of a blob that was downloaded already, in the hands of this download alone. */
export interface PartialFile {
  readonly path: string;
  /** Leaves it for a later download. */
  release(): Promise<void>;
}

/**
 * Takes the unfinished download of a blob, or starts one. A download in progress has a name of its own; taking an unfinished
 * one is a rename, which only one of several processes succeeds in. So no two ever write the same file, and what a killed
 * process left is taken up again.
 */
export async function takePartial(blob: string): Promise<PartialFile> {
  const folder = dirname(blob);
  const etag = basename(blob);
  await mkdir(folder, { recursive: true });
  const released = join(folder, `${etag}.ligo.incomplete`);
  const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
  const path = join(
    folder,
    `${etag}.${host}-${process.pid}-${randomBytes(4).toString("hex")}.incomplete`,
  );
  for (const candidate of [released, ...(await orphans(folder, etag, host))]) {
    try {
      await rename(candidate, path);
      break;
    } catch {
      // It is not there, or another process was quicker.
    }
  }
  return {
    path,
    async release() {
      const size = await stat(path).then(
        (found) => found.size,
        () => 0,
      );
      if (size === 0) await rm(path, { force: true });
      else await rename(path, released);
    },
  };
}

/** Unfinished downloads of processes of this machine that are no more. */
async function orphans(folder: string, etag: string, host: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => {
      if (!name.startsWith(`${etag}.${host}-`)) return false;
      const pid = /^[0-9a-f]{8}-(\d+)-[0-9a-f]+\.incomplete$/u.exec(
        name.slice(etag.length + 1),
      )?.[1];
      return pid !== undefined && !isAlive(Number(pid));
    })
    .map((name) => join(folder, name));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
