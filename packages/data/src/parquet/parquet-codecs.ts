import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { decompress as unpackZstdFrame, Decompress as ZstdStream } from "fzstd";
import type { CompressionCodec } from "hyparquet";
import { compressors } from "hyparquet-compressors";

/** Unpacks a page whose size its header tells. */
type Unpack = (packed: Uint8Array, size: number) => Uint8Array;

/**
 * Bytes that one packed byte can stand for at most. A header that claims more is wrong, which is known before any memory is
 * taken.
 */
const MOST_PER_BYTE: Readonly<Partial<Record<CompressionCodec, number>>> = {
  SNAPPY: 64,
  GZIP: 1032,
  BROTLI: 2 ** 24,
  ZSTD: 2 ** 15,
  LZ4: 255,
  LZ4_RAW: 255,
};

const library = (codec: CompressionCodec): Unpack => {
  const unpack = compressors[codec];
  if (unpack === undefined) throw new Error(`the library lacks ${codec}`);
  return unpack;
};

/** Node's own are faster where it has them. */
const CODECS: Readonly<Partial<Record<CompressionCodec, Unpack>>> = {
  UNCOMPRESSED: (packed) => packed,
  SNAPPY: library("SNAPPY"),
  GZIP: (packed, size) => gunzipSync(packed, { maxOutputLength: size + 1 }),
  BROTLI: (packed, size) => brotliDecompressSync(packed, { maxOutputLength: size + 1 }),
  ZSTD: unpackZstd,
  LZ4: (packed, size) =>
    hadoopBlocks(packed, size)
      ? library("LZ4")(packed, size)
      : (CODECS.LZ4_RAW?.(packed, size) ?? packed),
  LZ4_RAW(packed, size) {
    checkSize(lz4Size(packed), size);
    return library("LZ4_RAW")(packed, size);
  },
};

/**
 * Unpacks a page. The bytes have a buffer of their own, so that nothing read from them can come from beyond. Throws an `Error`
 * where they are not as many as the header says.
 */
export function unpackPage(
  packed: Uint8Array,
  size: number,
  codec: CompressionCodec,
): Uint8Array<ArrayBuffer> {
  const unpack = CODECS[codec];
  if (unpack === undefined) {
    const known = Object.keys(CODECS).join(", ").toLowerCase();
    throw new Error(`its compression ${codec} is not known; those known are ${known}`);
  }
  // an empty page may have a few bytes that say so
  const most = Math.max(2 ** 10, packed.length * (MOST_PER_BYTE[codec] ?? 1));
  if (size > most) throw new Error(`a page of ${packed.length} bytes cannot hold ${size}`);
  if (size === 0) return new Uint8Array(0);
  const bytes = unpack(packed, size);
  checkSize(bytes.length, size);
  const isOwn = bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength;
  return isOwn ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

function checkSize(size: number, expected: number): void {
  if (size !== expected) {
    throw new Error(`a page holds ${size} bytes where its header says ${expected}`);
  }
}

/** A frame that does not tell its size is unpacked as a stream, so that it yields no more than the page may hold. */
function unpackZstd(packed: Uint8Array, size: number): Uint8Array {
  if (zstdSize(packed) === size) return unpackZstdFrame(packed);
  const bytes = new Uint8Array(size);
  let filled = 0;
  const stream = new ZstdStream((chunk) => {
    if (filled + chunk.length > size) checkSize(filled + chunk.length, size);
    bytes.set(chunk, filled);
    filled += chunk.length;
  });
  stream.push(packed, true);
  checkSize(filled, size);
  return bytes;
}

/** The size that the header of a zstd frame tells, 0 where it tells none (RFC 8878, 3.1.1.1). */
function zstdSize(packed: Uint8Array): number {
  const descriptor = packed[4] ?? 0;
  const isSingleSegment = (descriptor >> 5) & 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const flag = descriptor >> 6;
  const bytes = flag === 0 ? isSingleSegment : 2 ** flag;
  const start = 6 - isSingleSegment + dictionaryBytes;
  let size = flag === 1 ? 256 : 0;
  for (let at = 0; at < bytes; at++) size += (packed[start + at] ?? 0) * 256 ** at;
  return size;
}

/** Whether bytes are framed as Hadoop frames LZ4: blocks behind two lengths, big-endian, that come out even. */
function hadoopBlocks(packed: Uint8Array, size: number): boolean {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let unpacked = 0;
  let at = 0;
  while (at + 8 <= packed.length) {
    const length = view.getUint32(at + 4);
    unpacked += view.getUint32(at);
    at += 8 + length;
    if (at > packed.length || unpacked > size) return false;
  }
  return at === packed.length && unpacked === size;
}

/** Bytes that an LZ4 block unpacks to, by its tokens alone. */
function lz4Size(packed: Uint8Array): number {
  let at = 0;
  let size = 0;
  const next = (): number => {
    const byte = packed[at++];
    if (byte === undefined) throw new Error("an LZ4 block is cut off");
    return byte;
  };
  const lengthOf = (short: number): number => {
    let length = short;
    for (let byte = short === 15 ? 255 : 0; byte === 255;) {
      byte = next();
      length += byte;
    }
    return length;
  };
  while (at < packed.length) {
    const token = next();
    const literals = lengthOf(token >> 4);
    size += literals;
    at += literals;
    if (at === packed.length) return size;
    if (at > packed.length) throw new Error("an LZ4 block is cut off");
    at += 2;
    if (at > packed.length) throw new Error("an LZ4 block is cut off");
    size += lengthOf(token & 15) + 4;
  }
  return size;
}
