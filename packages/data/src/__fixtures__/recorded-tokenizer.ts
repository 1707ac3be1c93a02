import { loadTokenizer } from "../load-tokenizer.js";
import { createTokenizer, type TextTokenizer } from "../tokenizer.js";
import type { TokenizerFile } from "../tokenizer-file.js";
import { fixturePath, readFixture } from "./read-fixture.js";

/** A tokenizer that texts were recorded with. For tests only. */
export async function recordedTokenizer(name: "bert" | "roberta" | "gpt2"): Promise<TextTokenizer> {
  if (name === "bert") return loadTokenizer(fixturePath("bert"));
  return createTokenizer(readFixture<TokenizerFile>(`${name}-bytes.json`), { requireMask: false });
}
