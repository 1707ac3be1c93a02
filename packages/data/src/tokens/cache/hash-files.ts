import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unreadable } from "../../errors/unreadable.js";
import { partialBeside } from "./partial-files.js";

/** Signs by which a file is told from what it was before, without reading it. */
interface FileState {
  readonly size: string;
  readonly modified: string;
  /** Time of the last change of name, owner or contents, which no program can set back. */
  readonly changed: string;
  readonly inode: string;
}

/** Hashes of files below this size are not kept; to read them costs no more. */
const SMALLEST_KEPT = 2 ** 20;

/** A file that changed less than this long ago might change again within the resolution of its times. */
const SETTLED_MILLISECONDS = 2000;

export async function fileState(file: string): Promise<FileState> {
  const found = await stat(file, { bigint: true }).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  return {
    size: String(found.size),
    modified: String(found.mtimeNs),
    changed: String(found.ctimeNs),
    inode: String(found.ino),
  };
}

/**
 * SHA-256 of the contents of a file. That of a large one is kept in `folder`, and taken from there as long as size, inode and
 * both times of the file are as they were: then it is read once, not at every start.
 */
export async function hashFile(file: string, folder: string): Promise<string> {
  const before = await fileState(file);
  if (Number(before.size) < SMALLEST_KEPT) return contentHash(file);
  const name = createHash("sha256")
    .update(await realpath(file))
    .digest("hex");
  const path = join(folder, `${name}.json`);
  const kept = await readKept(path);
  if (kept !== undefined && sameState(kept, before)) return kept.sha256;
  const started = Date.now();
  const sha256 = await contentHash(file);
  const settled = started - Number(BigInt(before.changed) / 1_000_000n) > SETTLED_MILLISECONDS;
  if (settled && sameState(await fileState(file), before)) await keep(path, { ...before, sha256 });
  return sha256;
}

export function sameState(one: FileState, other: FileState): boolean {
  return (
    one.size === other.size &&
    one.modified === other.modified &&
    one.changed === other.changed &&
    one.inode === other.inode
  );
}

async function contentHash(file: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const bytes of createReadStream(file, { highWaterMark: 2 ** 20 })) {
      hash.update(bytes as Buffer);
    }
  } catch (cause) {
    throw unreadable(file, cause);
  }
  return hash.digest("hex");
}

type Kept = FileState & { readonly sha256: string };

/** Hash that was kept; `undefined` where there is none. */
async function readKept(path: string): Promise<Kept | undefined> {
  try {
    const kept = JSON.parse(await readFile(path, "utf8")) as Partial<Kept> | null;
    return /^[0-9a-f]{64}$/.test(kept?.sha256 ?? "") ? (kept as Kept) : undefined;
  } catch {
    return undefined;
  }
}

async function keep(path: string, kept: Kept): Promise<void> {
  const partial = partialBeside(path);
  await writeFile(partial, JSON.stringify(kept), { flush: true });
  await rename(partial, path);
}
