import type { TextTokenizer } from "@ligo/data";
import { UsageError } from "../usage-error.js";

/**
 * Throws `sdk/nothing-known` where all tokens are unknown or otherwise special: nothing can be predicted of such text, and
 * nothing be learned by it. Reads no further than the first token that is none.
 */
export function checkKnown(
  tokens: Iterable<Int32Array>,
  { files, special }: Pick<TextTokenizer, "files" | "special">,
  data: readonly string[],
): void {
  for (const ids of tokens) if (ids.some((id) => !special.all.has(id))) return;
  const named = data.join(", ");
  throw new UsageError(
    "sdk/nothing-known",
    `The tokenizer ${files[0] ?? "of the model"} knows nothing of ${named}: all of its tokens are unknown ([UNK]) or special, so ` +
      "that there is nothing to predict. Give text that it was made for, or another `tokenizer`.",
    { file: data[0], expected: "tokens of text", actual: "unknown and special tokens" },
  );
}
