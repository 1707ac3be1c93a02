import { createHash } from "node:crypto";
import { openRegularFile, readFully } from "./regular-file.js";

const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * SHA-256 of a file's bytes as 64 lower-case hexadecimal digits, read in pieces. Throws `CheckpointError`, and between
 * pieces the reason of a signal that is aborted.
 */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const { handle, size } = await openRegularFile(path);
  try {
    const hash = createHash("sha256");
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, size));
    for (let at = 0; at < size; at += chunk.length) {
      signal?.throwIfAborted();
      const part = chunk.subarray(0, Math.min(chunk.length, size - at));
      await readFully(handle, part, at, path);
      hash.update(part);
    }
    return hash.digest("hex");
  } finally {
    await handle.close();
  }
}
