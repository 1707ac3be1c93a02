import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { LigoError } from "@ligo/core";
import { OutputError } from "./errors/output-error.js";
import { removeLeftovers, temporaryBeside } from "./leftovers.js";
import { MAX_TRANSFER_BYTES, systemCode } from "./regular-file.js";
import { syncFolder } from "./sync.js";

/**
 * Writes a file under a temporary name beside it, syncs it and renames it: `file` is either whole or as it was before. What
 * processes that were killed in the middle of that left beside it is removed. Failed system calls become an `OutputError` with code `output/write-failed`.
 */
export async function writeAtomically(
  file: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  await removeLeftovers(file);
  const temporary = await temporaryBeside(file);
  let opened = false;
  try {
    const handle = await open(temporary, "wx");
    opened = true;
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    if (opened) await rm(temporary, { force: true }).catch(() => undefined);
    throw writeFailure(file, error);
  }
}

/**
 * Writes a small file all or nothing: `file` is either whole, and on the disk, or as it was before. Throws `OutputError`.
 */
export async function writeFileAtomically(
  file: string,
  contents: string | Uint8Array,
): Promise<void> {
  const bytes = typeof contents === "string" ? Buffer.from(contents) : contents;
  await writeAtomically(file, (handle) => writeFully(handle, bytes, 0));
  await syncFolder(dirname(file)).catch((error: unknown) => {
    throw writeFailure(file, error);
  });
}

/** Writes all of `bytes` at `position`. */
export async function writeFully(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const length = Math.min(MAX_TRANSFER_BYTES, bytes.length - done);
    done += (await handle.write(bytes, done, length, position + done)).bytesWritten;
  }
}

/** Turns a system error while a file was written into an `OutputError`; anything else is passed on. */
export function writeFailure(file: string, cause: unknown): unknown {
  const code = systemCode(cause);
  if (code === undefined || LigoError.isInstance(cause)) return cause;
  return new OutputError(
    "output/write-failed",
    `${file} cannot be written (${code}). ${advice(code)}`,
    { file, cause },
  );
}

function advice(code: string): string {
  if (code === "ENOSPC") return "The disk is full: free some space or write elsewhere.";
  if (code === "EDQUOT") {
    return "Your quota on this disk is used up: free some space or write elsewhere.";
  }
  if (code === "EROFS") return "The disk is read-only: write elsewhere.";
  if (code === "ENOENT" || code === "ENOTDIR") return "Its folder does not exist: create it first.";
  return "Check the path and its permissions.";
}
