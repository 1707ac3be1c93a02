import { type JsonPart, text, TokenizerFault, wrong } from "../pipeline/json-part.js";
import type { Encode, Vocabulary } from "./vocabulary.js";

/**
 * Word pieces of a normalised word: the longest token it begins with, then the longest that continues it; the unknown token
 * where there is none, and for words that are too long.
 */
export function wordPieceModel(model: JsonPart, vocabulary: Vocabulary): Encode {
  const [token, prefix] = [text(model, "unk_token"), text(model, "continuing_subword_prefix")];
  const unknown = vocabulary.get(token);
  if (unknown === undefined) {
    throw new TokenizerFault(`its unknown token ${JSON.stringify(token)} is not in the vocabulary`);
  }
  const longest = model["max_input_chars_per_word"];
  if (!Number.isSafeInteger(longest) || (longest as number) < 0) {
    throw wrong(model, "max_input_chars_per_word", "a number");
  }
  return (word) => {
    if (word.length > (longest as number) && Array.from(word).length > (longest as number)) {
      return [unknown];
    }
    const ids: number[] = [];
    for (let start = 0; start < word.length;) {
      let [id, end] = [undefined as number | undefined, word.length];
      while (end > start) {
        const piece = word.slice(start, end);
        id = vocabulary.get(start === 0 ? piece : prefix + piece);
        if (id !== undefined) break;
        const isPair = (word.codePointAt(end - 2) ?? 0) > 0xffff && end - 2 >= start;
        end -= isPair ? 2 : 1;
      }
      if (id === undefined) return [unknown];
      ids.push(id);
      start = end;
    }
    return ids;
  };
}
