import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { trainWordPiece, writeTokenizer } from "@ligo/data";
import { temporaryFolder } from "@ligo/vitest/files";
import { expect, it } from "vitest";
import { goThrough, repeatTexts } from "./measure-tokens.js";
import { tokensTable } from "./tokens-table.js";

const took = (seconds: number, sha256?: string) => ({
  seconds,
  cpuSeconds: seconds / 2,
  peakMemoryBytes: 5e7,
  ...(sha256 === undefined ? {} : { sha256 }),
});

it("shows rates of medians, and whose ids are others", () => {
  const text = tokensTable(1e7, [
    { way: "ligo, read", rounds: [took(1), took(5), took(2)] },
    { way: "ligo", rounds: [took(4, "a")] },
    { way: "same", rounds: [took(4, "a"), took(4, "a")] },
    { way: "another", rounds: [took(4, "a"), took(4, "b")] },
  ]);
  expect(text).toContain("| ligo, read | 5.0 | 10.0 | 50 MB | - |");
  expect(text).toContain("| ligo | 2.5 | 5.0 | 50 MB | same |");
  expect(text).toContain("| same | 2.5 | 5.0 | 50 MB | same |");
  expect(text).toContain("| another | 2.5 | 5.0 | 50 MB | **other** |");
});

it("repeats texts, reads them, and tokenises them by lines", async () => {
  const folder = temporaryFolder();
  const parts = ["one two\n", "two three\n"];
  const paths = parts.map((part, index) => {
    const path = join(folder, `${index}.txt`);
    writeFileSync(path, part);
    return path;
  });
  const text = join(folder, "text.txt");
  repeatTexts(paths, 20, text);
  expect(readFileSync(text, "utf8")).toBe(parts.join("").repeat(2));
  await writeTokenizer(trainWordPiece([...parts, ...parts], { vocabularySize: 60 }), folder);
  expect((await goThrough(text, undefined)).sha256).toBeUndefined();
  const { sha256, cpuSeconds } = await goThrough(text, folder);
  expect(cpuSeconds).toBeGreaterThan(0);
  const vocabulary = JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8")) as {
    model: { vocab: Record<string, number> };
  };
  const words = "one two two three one two two three".split(" ");
  const ids = Int32Array.from(words, (word) => vocabulary.model.vocab[word] ?? -1);
  expect(ids).not.toContain(-1);
  expect(sha256).toBe(createHash("sha256").update(ids).digest("hex"));
});
