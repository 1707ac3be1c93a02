import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTokenizer, maskedBatches, trainWordPiece, writeTokenizer } from "@ligo/data";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTokenizer } from "./tokenizer-files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-sdk-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("a tokenizer with more tokens than the model serves texts that hold none of them", async () => {
  const file = trainWordPiece(["the cat sat on the mat"], { vocabularySize: 40 });
  const { vocabularySize } = createTokenizer(file);
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const more = [{ id: vocabularySize, content: "<extra>", special: false, ...flags }];
  const added = [...(file.tokenizer["added_tokens"] as object[]), ...more];
  await writeTokenizer({ ...file, tokenizer: { ...file.tokenizer, added_tokens: added } }, folder);
  const tokenizer = await openTokenizer({ folder }, {});
  expect(tokenizer.vocabularySize).toBe(vocabularySize + 1);
  const batchesOf = (text: string): unknown => {
    const tokens = Int32Array.from(tokenizer.encode(text));
    const blocks = { sequence: tokens.length, count: 1, tokens };
    const { special } = tokenizer;
    return maskedBatches(blocks, { batch: 1, seed: 1, vocabularySize, special }).at(0);
  };
  expect(batchesOf("the cat sat")).toBeDefined();
  expect(() => batchesOf("the cat <extra>")).toThrow(
    expect.objectContaining({ code: "data/vocabulary-mismatch" }) as Error,
  );
});
