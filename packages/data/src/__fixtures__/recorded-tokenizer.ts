import { loadTokenizer } from "../tokenizer/load-tokenizer.js";
import { createTokenizer, type TextTokenizer } from "../tokenizer/tokenizer.js";
import type { TokenizerFile } from "../tokenizer/tokenizer-file.js";
import { fixturePath, readFixture } from "./read-fixture.js";

/** A tokenizer that texts were recorded with. For tests only. */
export async function recordedTokenizer(name: "bert" | "roberta" | "gpt2"): Promise<TextTokenizer> {
  if (name === "bert") return loadTokenizer(fixturePath("bert"));
  return createTokenizer(readFixture<TokenizerFile>(`${name}-bytes.json`), { requireMask: false });
}
