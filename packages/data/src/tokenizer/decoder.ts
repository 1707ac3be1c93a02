import { Tokenizer } from "@huggingface/tokenizers";
import { TokenizerFault } from "./pipeline/json-part.js";
import type { Pipeline } from "./pipeline/pipeline.js";
import type { TokenizerFile } from "./tokenizer-file.js";

/** Parts of a tokenizer that a decoder does without. */
const WITHOUT = { normalizer: null, pre_tokenizer: null, post_processor: null };

/** Text of ids, special tokens left out. Made by the first ids, as most who load a tokenizer decode nothing. */
export function createDecoder(
  { config, tokenizer }: TokenizerFile,
  { added }: Pipeline,
): (ids: readonly number[]) => string {
  let made: Tokenizer | undefined;
  const make = (): Tokenizer =>
    new Tokenizer({ decoder: null, ...tokenizer, ...WITHOUT, added_tokens: [...added] }, config);
  return (ids) => {
    if (ids.length === 0) return "";
    try {
      made ??= make();
      return made.decode([...ids], {
        skip_special_tokens: true,
        // the decoder of the file does its own; doing it twice would differ from Python
        clean_up_tokenization_spaces: false,
      });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TokenizerFault(`its tokens cannot be turned into text: ${reason}`);
    }
  };
}
