import { checkInteger } from "../errors/check-integer.js";
import type { TextTokenizer } from "../tokenizer/tokenizer.js";
import { pushDocuments, type TextSource } from "../tokens/push-texts.js";
import { createTokenStream } from "../tokens/token-stream.js";
import type { TokenBlocks } from "./blocks.js";
import { countBlocks } from "./count-blocks.js";
import type { TokenBlocksOptions } from "./token-blocks.js";

/** Least length of a block, in which one token predicts the other. */
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
