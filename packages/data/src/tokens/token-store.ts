import { createHash } from "node:crypto";
import { type BadRows, createBadRows } from "../errors/bad-rows.js";
import { readTexts, type ReadTextOptions } from "../texts/read-texts.js";
import type { TextTokenizer } from "../tokenizer/tokenizer.js";
import { pushDocuments, pushLines } from "./push-texts.js";
import { createTokenStream, type TokenSink } from "./token-stream.js";

/** The tokens of texts, one behind the other, in memory or in a file. */
export interface TokenStore {
  /** Number of tokens. */
  readonly count: number;
  /** Largest id; -1 where there is none. */
  readonly largest: number;
  /** SHA-256 of the ids as little-endian int32, in hexadecimal. */
  readonly sha256: string;
  readonly badRows: BadRows;
  /** File that holds them; absent where they are in memory. */
  readonly file?: string;
  /** Fills `into` with the tokens from `start` on, all of which must be there. */
  read(start: number, into: Int32Array): void;
}

/** How texts become one stream of tokens. */
export interface TokeniseOptions extends ReadTextOptions {
  /** `lines`: each line by itself, as masked language models have it; `documents`: whole, each closed by the end-of-text token. */
  readonly unit: "lines" | "documents";
  /** Leave out rows that cannot be used instead of ending with an error; they are counted in `badRows`. Default false. */
  readonly skipBadRows?: boolean;
}

/** Puts the tokens of the texts that `patterns` name into a sink. Throws what `readTexts` throws. */
export async function pushTexts(
  patterns: readonly string[],
  tokenizer: TextTokenizer,
  sink: TokenSink,
  options: TokeniseOptions,
): Promise<BadRows> {
  const { badRows, onBadRow } = createBadRows();
  const push = options.unit === "lines" ? pushLines : pushDocuments;
  const skipping = options.skipBadRows === true ? { onBadRow } : {};
  await push(readTexts(patterns, { ...options, ...skipping }), tokenizer, sink);
  return badRows();
}

/** Tokenises into memory. Throws what `readTexts` throws. */
export async function tokensInMemory(
  patterns: readonly string[],
  tokenizer: TextTokenizer,
  options: TokeniseOptions,
): Promise<TokenStore> {
  const stream = createTokenStream(undefined);
  const badRows = await pushTexts(patterns, tokenizer, stream, options);
  const tokens = stream.tokens();
  return {
    count: tokens.length,
    largest: largestOf(tokens),
    sha256: createHash("sha256").update(bytesOf(tokens)).digest("hex"),
    badRows,
    read: (start, into) => into.set(tokens.subarray(start, start + into.length)),
  };
}

/** The largest of some ids; -1 where there is none. */
export function largestOf(ids: Int32Array): number {
  return ids.reduce((most, id) => Math.max(most, id), -1);
}

/** The bytes of numbers, without a copy. */
export function bytesOf(numbers: Int32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
