import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTokenizer, openTokens, type OpenTokensOptions, type TokenStore } from "@ligo/data";
import { inputOf } from "../input.js";
import { holds, type Target } from "../target.js";
import { TEXT, wordPieces } from "./models.js";

const OPTIONS: OpenTokensOptions = { unit: "lines" };
const NAME = "cached.txt";

/** Enough for some pages. */
const LONG = Array.from({ length: 12 }, () => TEXT).join("\n");

function tokensOf(store: TokenStore): Int32Array {
  const tokens = new Int32Array(store.count);
  store.read(0, tokens);
  return tokens;
}

/** Files of tokens that were kept: what comes out is what the texts give, or an error. */
export const tokenCache: Target = {
  name: "token-cache",
  weight: 8,
  changes: (name) => name.endsWith(".tokens"),
  async prepare(material) {
    const [text, cache] = [join(material, NAME), join(material, "cache")];
    await mkdir(cache, { recursive: true });
    await writeFile(text, LONG);
    await openTokens([text], createTokenizer(wordPieces()), { ...OPTIONS, cache });
    const names = await readdir(join(cache, "tokens"));
    const [name = ""] = names;
    return [inputOf({ [`tokens/${name}`]: await readFile(join(cache, "tokens", name)) })];
  },
  async open(material) {
    const text = join(material, NAME);
    const tokenizer = createTokenizer(wordPieces());
    const truth = tokensOf(await openTokens([text], tokenizer, OPTIONS));
    return {
      async read(folder) {
        const store = await openTokens([text], tokenizer, { ...OPTIONS, cache: folder });
        try {
          const tokens = tokensOf(store);
          holds(
            Buffer.compare(Buffer.from(tokens.buffer), Buffer.from(truth.buffer)) === 0,
            () => "other tokens than the text gives",
          );
          return { count: store.count };
        } finally {
          (store as { close?: () => void }).close?.();
        }
      },
    };
  },
};
