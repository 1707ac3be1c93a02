import { DataError } from "../errors/data-error.js";

/** Sequences of one length, one after the other. */
export interface TokenBlocks {
  /** Tokens of a block. */
  readonly sequence: number;
  /** Number of blocks. */
  readonly count: number;
  /** Token ids [count * sequence], row by row. */
  readonly tokens: Int32Array;
}

/** Sequences of one length that are read when they are asked for. */
export interface StoredBlocks {
  /** Tokens of a block. */
  readonly sequence: number;
  /** Number of blocks. */
  readonly count: number;
  /** Blocks of each source, one source after the other. */
  readonly sources: readonly number[];
  /** Largest id of any block, or a larger one. */
  readonly largest: number;
  /** Tokens [chosen.length * sequence] of the given blocks. */
  rows(chosen: readonly number[]): Int32Array;
}

/** Blocks in memory, or read when they are asked for. */
export type BlockSource = TokenBlocks | StoredBlocks;

/** Tokens [rows * sequence] of the given blocks. */
export function gatherRows(blocks: BlockSource, chosen: readonly number[]): Int32Array {
  if (!("tokens" in blocks)) return blocks.rows(chosen);
  const { sequence } = blocks;
  const tokens = new Int32Array(chosen.length * sequence);
  for (const [row, block] of chosen.entries()) {
    tokens.set(blocks.tokens.subarray(block * sequence, (block + 1) * sequence), row * sequence);
  }
  return tokens;
}

/** Throws `data/vocabulary-mismatch` where a token (or `further` one) is none of the vocabulary. */
export function checkVocabulary(blocks: BlockSource, vocabularySize: number, further = 0): void {
  let largest = further;
  if ("tokens" in blocks) {
    for (const token of blocks.tokens) if (token > largest) largest = token;
  } else if (blocks.largest > largest) largest = blocks.largest;
  checkLargest(largest, vocabularySize);
}

/** Throws `data/vocabulary-mismatch` where the largest id of a text is none of the model's. */
export function checkLargest(largest: number, vocabularySize: number): void {
  if (largest < vocabularySize) return;
  throw new DataError(
    "data/vocabulary-mismatch",
    `The text holds token ${largest}, but the model has a vocabulary of ${vocabularySize}; use the tokenizer the model was made with.`,
    { expected: `ids below ${vocabularySize}`, actual: String(largest) },
  );
}
