import { createCipheriv } from "node:crypto";

/** Which mask of all those a program ever draws. */
export interface MaskPosition {
  /** Seed of the program. */
  readonly seed: number;
  /** The run of the program, by the number it was given. */
  readonly step: number;
  /** The mask of the run, in the order they are drawn. */
  readonly site: number;
}

/** Bytes that are made at once. */
const CHUNK = 1 << 16;
const ZEROS = new Uint8Array(CHUNK);
/** Streams of one mask: a byte for every element, and two more for each whose byte does not decide. */
const BYTES = 0;
const FRACTIONS = 1;

/**
 * Fills a mask with ones, which keep an element, and zeros, which drop it with probability `rate`: exactly, to 2^-24. The
 * bytes are the keystream of AES-128 in counter mode, keyed by the seed and started at step and site, so every mask can
 * be made again on its own, on any machine, and no two share a number.
 */
export function fillKeepMask(into: Uint8Array, rate: number, position: MaskPosition): void {
  const threshold = Math.floor(rate * 256);
  const fraction = Math.round((rate * 256 - threshold) * 2 ** 16);
  const bytes = keystream(position, BYTES);
  const decide = fractions(position, fraction);
  for (let start = 0; start < into.length; start += CHUNK) {
    const chunk = bytes();
    keepAbove(chunk, threshold, decide);
    into.set(chunk.subarray(0, Math.min(CHUNK, into.length - start)), start);
  }
}

/**
 * Bytes to ones (above the threshold), zeros (below it), and what `decide` says (equal). Four bytes at a time: the sum of
 * seven bits of each byte and a constant carries into the eighth where they reach the limit.
 */
function keepAbove(bytes: Uint8Array, threshold: number, decide: () => number): void {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const limit = threshold + 1;
  const isLow = limit <= 128;
  const carry = Math.imul(isLow ? 128 - limit : 256 - limit, 0x01010101);
  const equal = Math.imul(threshold, 0x01010101);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as number;
    const sum = (word & 0x7f7f7f7f) + carry;
    const different = word ^ equal;
    const nonZero = (((different & 0x7f7f7f7f) + 0x7f7f7f7f) | different) & 0x80808080;
    if (nonZero === (0x80808080 | 0)) {
      words[index] = ((isLow ? word | sum : word & sum) >>> 7) & 0x01010101;
      continue;
    }
    for (let at = 4 * index; at < 4 * index + 4; at++) {
      const byte = bytes[at] as number;
      bytes[at] = byte === threshold ? decide() : Number(byte > threshold);
    }
  }
}

/** Zero with probability `fraction` / 2^16, else one; a number of its own for each call. */
function fractions(position: MaskPosition, fraction: number): () => number {
  let next: (() => Uint8Array) | undefined;
  let chunk: Uint8Array = new Uint8Array(0);
  let at = 0;
  return () => {
    if (at === chunk.length) {
      next ??= keystream(position, FRACTIONS);
      chunk = next();
      at = 0;
    }
    const draw = (chunk[at] as number) | ((chunk[at + 1] as number) << 8);
    at += 2;
    return draw < fraction ? 0 : 1;
  };
}

/** The random bytes of a place, 2^16 at a time. */
export function keystream(
  { seed, step, site }: MaskPosition,
  stream: number = 0,
): () => Uint8Array {
  const key = Buffer.from("ligo....dropout.", "latin1");
  key.writeUInt32LE(seed >>> 0, 4);
  key.writeUInt32LE(Math.floor(seed / 2 ** 32) >>> 0, 12);
  const start = Buffer.alloc(16);
  start.writeUInt32BE(step >>> 0, 0);
  start.writeUInt32BE(site, 4);
  start.writeUInt32BE(stream, 8);
  const cipher = createCipheriv("aes-128-ctr", key, start);
  // a copy that is aligned to words, should the cipher ever not be
  return () => {
    const made = cipher.update(ZEROS);
    return made.byteOffset % 4 === 0 ? made : Uint8Array.from(made);
  };
}
