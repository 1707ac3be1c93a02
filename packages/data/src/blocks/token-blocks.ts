import { checkInteger } from "../errors/check-integer.js";
import type { TextTokenizer } from "../tokenizer/tokenizer.js";
import { pushLines, type TextSource } from "../tokens/push-texts.js";
import { createTokenStream } from "../tokens/token-stream.js";
import type { TokenBlocks } from "./blocks.js";
import { countBlocks } from "./count-blocks.js";
import { checkFrame, FRAME } from "./frame.js";

/** Options of {@link tokenBlocks}. */
export interface TokenBlocksOptions {
  /** Tokens of a block, opening and closing token included. */
  readonly sequence: number;
  /** Stop reading after this many tokens of text. */
  readonly limitTokens?: number;
  /** Fewer blocks than this are an error. Default 1. */
  readonly minimumBlocks?: number;
}

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
