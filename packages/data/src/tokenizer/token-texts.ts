import type { Pipeline } from "./pipeline/pipeline.js";
import type { TokenizerFile } from "./tokenizer-file.js";

/** The text that every token stands for by itself: added ones as they are spelt, others as they are decoded. */
export function tokenTexts(
  { tokenizer }: TokenizerFile,
  { added, idOf }: Pipeline,
  decode: (ids: readonly number[]) => string,
): (token: string) => string {
  const spelt = new Set(added.map(({ content }) => content));
  const { continuing_subword_prefix: prefix } = tokenizer["model"] as Readonly<
    Record<string, unknown>
  >;
  return (token) => {
    if (spelt.has(token)) return token;
    // a decoder takes the prefix away behind other tokens only
    if (typeof prefix === "string" && prefix !== "" && token.startsWith(prefix))
      return token.slice(prefix.length);
    const id = idOf(token);
    return id === undefined ? "" : decode([id]);
  };
}
