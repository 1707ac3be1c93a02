import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** The bytes of a file at any place. */
export interface ByteSource {
  readonly size: number;
  /** Changes when the file does. */
  readonly version: string;
  /** `length` bytes from `offset` on, in a buffer of their own. Throws where the file has not as many. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
  close(): void;
}

/** Bytes that are read at once where fewer are asked for. */
const AHEAD_BYTES = 2 ** 18;

/** Opens a file. Throws what the file system throws. */
export function openByteSource(file: string): ByteSource {
  const handle = openSync(file, "r");
  const { mtimeMs, size } = fstatSync(handle);
  let ahead: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  let aheadOffset = 0;
  const load = (offset: number, length: number): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const count = readSync(handle, bytes, done, length - done, offset + done);
      if (count === 0) throw new Error(`the file ends at byte ${offset + done}`);
      done += count;
    }
    return bytes;
  };
  return {
    size,
    version: `${size} ${mtimeMs}`,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > size) {
        throw new Error(`bytes ${offset} to ${offset + length} are beyond the file of ${size}`);
      }
      if (length >= AHEAD_BYTES) return load(offset, length);
      const start = offset - aheadOffset;
      if (start < 0 || start + length > ahead.length) {
        ahead = load(offset, Math.min(AHEAD_BYTES, size - offset));
        aheadOffset = offset;
        return ahead.slice(0, length);
      }
      return ahead.slice(start, start + length);
    },
    close: () => closeSync(handle),
  };
}
