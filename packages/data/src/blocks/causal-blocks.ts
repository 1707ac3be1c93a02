import { checkInteger } from "../errors/check-integer.js";
import type { TextSource, TokenBlocks, TokenBlocksOptions } from "./token-blocks.js";
import { countBlocks, createTokenStream, type TokenSink } from "../tokens/token-stream.js";
import type { TextTokenizer } from "../tokenizer/tokenizer.js";

/** Of two tokens one predicts the other. */
const SHORTEST = 2;

/**
 * Turns texts into blocks of `sequence` tokens for causal language models: the texts are tokenised whole, line ends
 * included, each document is closed with the tokenizer's end-of-text token (if it has one), and the stream of all of them
 * is cut every `sequence` tokens; what remains at the end is dropped. Parts of one text file are one document, and every row
 * of a table is one.
 *
 * @throws DataError `data/too-small` if that gives fewer than `minimumBlocks`; `data/bad-option`.
 */
export async function causalBlocks(
  texts: TextSource,
  tokenizer: TextTokenizer,
  options: TokenBlocksOptions,
): Promise<TokenBlocks> {
  const sequence = checkInteger("sequence", options.sequence, SHORTEST);
  checkInteger("minimumBlocks", options.minimumBlocks ?? 1, 1);
  const stream = createTokenStream(options.limitTokens);
  await pushDocuments(texts, tokenizer, stream);
  const count = countBlocks(stream.tokens().length, sequence, options);
  return { sequence, count, tokens: stream.tokens().slice(0, count * sequence) };
}

/** Puts the ids of all documents into a stream, until it is full. */
export async function pushDocuments(
  texts: TextSource,
  tokenizer: TextTokenizer,
  stream: TokenSink,
): Promise<void> {
  const { end } = tokenizer.special;
  const close = (): void => {
    if (end !== undefined) stream.push([end]);
  };
  let open: string | undefined;
  for await (const part of texts) {
    const { file, text, row } =
      typeof part === "string" ? { file: undefined, text: part, row: undefined } : part;
    if (open !== undefined && open !== file) close();
    stream.push(tokenizer.encode(text));
    const whole = file === undefined || row !== undefined;
    if (whole) close();
    open = whole ? undefined : file;
    if (stream.isFull) return;
  }
  if (open !== undefined) close();
}
