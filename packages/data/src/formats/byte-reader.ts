import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { DataError } from "../errors/data-error.js";
import { unreadable } from "../errors/unreadable.js";

/** The bytes of a file, one after the other. */
export interface ByteReader {
  /** The next `size` bytes, fewer only at the end. */
  read(size: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens a file, unpacking it on the way where it is gzipped. Throws `data/unreadable`; reading `data/bad-gzip` too. */
export async function openBytes(file: string, gzip: boolean): Promise<ByteReader> {
  return gzip ? openGzip(file) : openPlain(file);
}

/** Size of the parts that a whole file is read in. */
const PART_BYTES = 2 ** 20;

/** All bytes of a file, unpacked where it is gzipped. Throws `data/unreadable` and `data/bad-gzip`. */
export async function readBytes(file: string, gzip: boolean): Promise<Buffer> {
  const reader = await openBytes(file, gzip);
  try {
    const parts: Uint8Array[] = [];
    for (;;) {
      const part = await reader.read(PART_BYTES);
      parts.push(part);
      if (part.length < PART_BYTES) return Buffer.concat(parts);
    }
  } finally {
    await reader.close();
  }
}

async function openPlain(file: string): Promise<ByteReader> {
  const fail = (cause: unknown): never => {
    throw unreadable(file, cause);
  };
  const handle = await open(file, "r").catch(fail);
  return {
    read: (size) =>
      fill(size, async (room) => {
        const { bytesRead } = await handle.read(room, 0, room.length, null).catch(fail);
        return bytesRead;
      }),
    close: () => handle.close(),
  };
}

async function openGzip(file: string): Promise<ByteReader> {
  const unpacked = createGunzip({ chunkSize: 2 ** 16 });
  const packed = createReadStream(file);
  // A failure of either ends both, and comes out of the iterator below.
  const flow = pipeline(packed, unpacked).catch(() => undefined);
  const pieces = unpacked[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Uint8Array = new Uint8Array(0);
  let unpackedBytes = 0;
  return {
    read: (size) =>
      fill(size, async (room) => {
        while (rest.length === 0) {
          const next = await pieces.next().catch((cause: unknown) => {
            throw gzipError(file, unpackedBytes, cause);
          });
          if (next.done === true) return 0;
          rest = next.value;
          unpackedBytes += rest.length;
        }
        const taken = rest.subarray(0, room.length);
        room.set(taken);
        rest = rest.subarray(taken.length);
        return taken.length;
      }),
    async close() {
      packed.destroy();
      unpacked.destroy();
      await flow;
    },
  };
}

/** `size` bytes, fewer only at the end: `put` puts some into the room there is and says how many, 0 at the end. */
async function fill(size: number, put: (room: Uint8Array) => Promise<number>): Promise<Uint8Array> {
  const buffer = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const count = await put(buffer.subarray(filled));
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/** zlib's errors have codes of their own (`Z_DATA_ERROR`); all others are of the file system. */
function gzipError(file: string, unpackedBytes: number, cause: unknown): DataError {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  if (!code.startsWith("Z_")) return unreadable(file, cause);
  const reason = code === "Z_BUF_ERROR" ? "it ends too early" : message;
  return new DataError(
    "data/bad-gzip",
    `${file} is not intact gzip: ${reason}, after ${unpackedBytes} unpacked bytes. Copy or download it again.`,
    { file, expected: "gzip", actual: reason, cause },
  );
}
