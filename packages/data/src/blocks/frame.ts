import { DataError } from "../errors/data-error.js";
import type { TextTokenizer } from "../tokenizer/tokenizer.js";

/** Tokens that frame a block: the one that opens it and the one that closes it. */
export const FRAME = 2;

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
