import { DataError } from "../errors/data-error.js";
import { checkInteger } from "../errors/check-integer.js";
import type { TextPart } from "../texts/read-texts.js";
import type { StoredBlocks } from "./stored-blocks.js";
import { countBlocks, createTokenStream, type TokenSink } from "../tokens/token-stream.js";
import type { TextTokenizer } from "../tokenizer/tokenizer.js";

/** Sequences of one length, one after the other. */
export interface TokenBlocks {
  /** Tokens of a block. */
  readonly sequence: number;
  /** Number of blocks. */
  readonly count: number;
  /** Token ids [count * sequence], row by row. */
  readonly tokens: Int32Array;
}

/** Blocks in memory, or read when they are asked for. */
export type BlockSource = TokenBlocks | StoredBlocks;

/** Texts as read by `readTexts`, or as plain strings. */
export type TextSource = AsyncIterable<TextPart | string> | Iterable<TextPart | string>;

/** Options of {@link tokenBlocks}. */
export interface TokenBlocksOptions {
  /** Tokens of a block, opening and closing token included. */
  readonly sequence: number;
  /** Stop reading after this many tokens of text. */
  readonly limitTokens?: number;
  /** Fewer blocks than this are an error. Default 1. */
  readonly minimumBlocks?: number;
}

/** Tokens that frame a block: the one that opens it and the one that closes it. */
export const FRAME = 2;

/**
 * Turns texts into blocks `[CLS] + (sequence - 2) tokens + [SEP]`: the texts are cut into lines, tokenised, joined and cut
 * every `sequence - 2` tokens; what remains at the end is dropped.
 *
 * @throws DataError `data/too-small` if that gives fewer than `minimumBlocks`; `data/no-special-token` if the tokenizer has
 * no opening or closing token; `data/bad-option`.
 */
export async function tokenBlocks(
  texts: TextSource,
  tokenizer: TextTokenizer,
  options: TokenBlocksOptions,
): Promise<TokenBlocks> {
  const sequence = checkInteger("sequence", options.sequence, FRAME + 1);
  checkInteger("minimumBlocks", options.minimumBlocks ?? 1, 1);
  const stream = createTokenStream(options.limitTokens);
  const [classify, separate] = checkFrame(tokenizer);
  await pushLines(texts, tokenizer, stream);
  const inner = sequence - FRAME;
  const text = stream.tokens();
  const count = countBlocks(text.length, inner, options);
  const tokens = new Int32Array(count * sequence);
  for (let block = 0; block < count; block++) {
    const start = block * sequence;
    tokens[start] = classify;
    tokens.set(text.subarray(block * inner, (block + 1) * inner), start + 1);
    tokens[start + sequence - 1] = separate;
  }
  return { sequence, count, tokens };
}

/** The tokens that open and close a block. Throws `data/no-special-token`. */
export function checkFrame(tokenizer: TextTokenizer): readonly [number, number] {
  const { classify, separate } = tokenizer.special;
  if (classify === undefined || separate === undefined) {
    throw new DataError(
      "data/no-special-token",
      `The tokenizer has no ${classify === undefined ? "[CLS] or <s>" : "[SEP] or </s>"} token to frame a block with; ` +
        "use the tokenizer of a BERT-like model.",
      { file: tokenizer.files[0] },
    );
  }
  return [classify, separate];
}

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

/** Puts the ids of all texts, line by line, into a stream, until it is full. */
export async function pushLines(
  texts: TextSource,
  tokenizer: TextTokenizer,
  stream: TokenSink,
): Promise<void> {
  for await (const part of texts) {
    const text = typeof part === "string" ? part : part.text;
    for (const line of text.split("\n")) {
      stream.push(tokenizer.encode(line));
      if (stream.isFull) return;
    }
  }
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
    `The text holds token ${largest}, but the model has only ${vocabularySize}; use the tokenizer the model was made with.`,
    { expected: `ids below ${vocabularySize}`, actual: String(largest) },
  );
}
