import { constants } from "node:os";
import { open, stat, type FileHandle } from "node:fs/promises";
import { CheckpointError } from "./errors/checkpoint-error.js";

/** Most bytes asked of one read or write; the system calls take less than 2 GiB. */
export const MAX_TRANSFER_BYTES: number = 2 ** 30;

/**
 * Opens a regular file for reading (a link is followed). Anything else is refused before it is opened, as opening a
 * pipe would wait for ever. Throws `CheckpointError`: `checkpoint/not-found`, `not-a-file` or `unreadable`.
 */
export async function openRegularFile(file: string): Promise<{ handle: FileHandle; size: number }> {
  try {
    const found = await stat(file);
    if (!found.isFile()) {
      throw new CheckpointError("checkpoint/not-a-file", `${file} is not a regular file.`, {
        file,
        expected: "a regular file",
        actual: found.isDirectory() ? "a folder" : "something else",
      });
    }
    const handle = await open(file, "r");
    try {
      return { handle, size: (await handle.stat()).size };
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause;
    throw unreadable(file, cause);
  }
}

/** Fills `target` with the bytes that start at `position`. Throws `checkpoint/truncated` where the file ends early. */
export async function readFully(
  handle: FileHandle,
  target: Uint8Array,
  position: number,
  file: string,
): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(MAX_TRANSFER_BYTES, target.length - done);
    let bytesRead: number;
    try {
      ({ bytesRead } = await handle.read(target, done, length, position + done));
    } catch (cause) {
      throw unreadable(file, cause);
    }
    if (bytesRead === 0) {
      throw new CheckpointError(
        "checkpoint/truncated",
        `${file} ended at byte ${position + done}, before byte ${position + target.length}: it changed while it was read.`,
        { file, expected: `${position + target.length} bytes`, actual: `${position + done} bytes` },
      );
    }
    done += bytesRead;
  }
}

/** Whether a path names a regular file; a link counts as what it points to. */
export async function isRegularFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** The `CheckpointError` for a failed system call on a file. */
function unreadable(file: string, cause: unknown): CheckpointError {
  const code = systemCode(cause);
  const missing = code === "ENOENT" || code === "ENOTDIR";
  return new CheckpointError(
    missing ? "checkpoint/not-found" : "checkpoint/unreadable",
    missing ? `${file} does not exist.` : `${file} cannot be read (${code ?? String(cause)}).`,
    { file, cause },
  );
}

/** `ENOENT`, `EACCES`, ... of a failed system call. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error && "code" in error && typeof error.code === "string"))
    return undefined;
  const { code, errno = 0 } = error as NodeJS.ErrnoException;
  // Node.js has no name for some, EDQUOT among them: "Unknown system error -122"
  if (code?.startsWith("Unknown system error") !== true) return code;
  return (
    Object.entries(constants.errno).find(([, number]) => number === Math.abs(errno))?.[0] ?? code
  );
}
