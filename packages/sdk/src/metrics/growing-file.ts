import type { FileHandle } from "node:fs/promises";

/** A file that only grows, and that holds whole appends only. What could not be written waits, and comes before the next. */
export interface GrowingFile {
  /**
   * Appends bytes, after those that wait. Returns what is new in the file; where the system refuses, its error is thrown, and
   * everything waits.
   */
  append(bytes: Uint8Array): Promise<Buffer>;
  /** Bytes that wait. */
  readonly waiting: Buffer;
}

/**
 * Goes on with a file at its end.
 *
 * @param handle opened to append
 * @param size bytes that are in the file
 * @param waiting bytes that an earlier process could not write
 */
export function createGrowingFile(
  handle: FileHandle,
  size: number,
  waiting: Buffer = Buffer.alloc(0),
): GrowingFile {
  let whole = size;
  let left = waiting;
  let isTorn = false;
  return {
    async append(bytes) {
      left = Buffer.concat([left, bytes]);
      // a part of what was refused may be there
      if (isTorn) await handle.truncate(whole);
      isTorn = true;
      await handle.appendFile(left);
      isTorn = false;
      const written = left;
      left = Buffer.alloc(0);
      whole += written.length;
      return written;
    },
    get waiting() {
      return left;
    },
  };
}
