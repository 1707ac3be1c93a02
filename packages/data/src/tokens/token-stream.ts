import { checkInteger } from "../errors/check-integer.js";

/** Taker of token ids, one behind the other, up to a limit. */
export interface TokenSink {
  readonly isFull: boolean;
  push(ids: readonly number[]): void;
}

/** Token ids in memory. */
export interface TokenStream extends TokenSink {
  /** All of them; no copy. */
  tokens(): Int32Array;
}

/** An empty stream. Throws `data/bad-option` for a limit that is not a positive integer. */
export function createTokenStream(limitTokens: number | undefined): TokenStream {
  const limit =
    limitTokens === undefined
      ? Number.POSITIVE_INFINITY
      : checkInteger("limitTokens", limitTokens, 1);
  let stream = new Int32Array(2 ** 16);
  let length = 0;
  return {
    get isFull() {
      return length >= limit;
    },
    push(ids) {
      if (length + ids.length > stream.length) {
        const larger = new Int32Array(Math.max(2 * stream.length, length + ids.length));
        larger.set(stream);
        stream = larger;
      }
      stream.set(ids, length);
      length += ids.length;
    },
    tokens: () => stream.subarray(0, Math.min(length, limit)),
  };
}
