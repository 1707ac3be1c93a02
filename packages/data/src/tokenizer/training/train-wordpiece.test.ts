import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readFixture } from "../../__fixtures__/read-fixture.js";
import { loadTokenizer } from "../load-tokenizer.js";
import { createTokenizer } from "../tokenizer.js";
import { writeTokenizer, type TokenizerFile } from "../tokenizer-file.js";
import { trainWordPiece } from "./train-wordpiece.js";

const trained = readFixture<{ text: string; pieces: string[] }>("bert-trained.json");

/** Pieces in the order of their ids. */
function piecesOf(file: TokenizerFile): string[] {
  const { vocab } = file.tokenizer["model"] as { vocab: Record<string, number> };
  return Object.entries(vocab)
    .sort(([, one], [, other]) => one - other)
    .map(([piece]) => piece);
}

test("starts from the alphabet that Hugging Face's trainer starts from", () => {
  const alphabet = trained.pieces.filter(
    (piece, id) => id < 5 || piece.replace(/^##(?=.)/, "").length === 1,
  );
  const pieces = piecesOf(trainWordPiece([trained.text], { vocabularySize: 600 }));
  expect(pieces.slice(0, alphabet.length).sort()).toEqual(alphabet.sort());
});

test("begins with the special tokens, then the alphabet, then pairs by frequency", () => {
  const file = trainWordPiece(["abab abab, Ba"], { vocabularySize: 100 });
  expect(piecesOf(file)).toEqual([
    ..."[PAD] [UNK] [CLS] [SEP] [MASK]".split(" "),
    ...", a b ##a ##b".split(" "),
    // All pairs of "abab" occur twice; (a, ##b) is the oldest, then (##a, ##b). "ba" occurs once and stays apart.
    ..."ab ##ab abab".split(" "),
  ]);
});

test("written, read back and applied, it gives the text again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ligo-data-"));
  try {
    const file = trainWordPiece(trained.text.split("\n"), { vocabularySize: 600 });
    const written = await writeTokenizer(file, join(folder, "new"));
    const tokenizer = await loadTokenizer(join(folder, "new"));
    expect(tokenizer.files).toEqual(written);
    expect(tokenizer.vocabularySize).toBe(600);
    expect(tokenizer.special).toMatchObject({
      pad: 0,
      unknown: 1,
      classify: 2,
      separate: 3,
      mask: 4,
    });
    const ids = tokenizer.encode("First Citizen: We know't, we know't.");
    expect(tokenizer.decode(ids).replaceAll(" ", "")).toBe("firstcitizen:weknow't,weknow't.");
    expect(ids).not.toContain(tokenizer.special.unknown);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("is the same for the same texts, whatever their order and cuts", () => {
  const lines = trained.text.split("\n");
  const options = { vocabularySize: 500 };
  const whole = trainWordPiece([trained.text], options);
  expect(trainWordPiece(lines, options)).toEqual(whole);
  expect(trainWordPiece(lines.reverse(), options)).toEqual(whole);
});

test("never exceeds its size, never repeats a piece, and covers its own text", () => {
  const word = fc.string({
    unit: fc.constantFrom("a", "b", "c", "d", "é", "中"),
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 40, max: 80 }),
      (words, size) => {
        const file = trainWordPiece([words.join(" ")], { vocabularySize: size });
        const pieces = piecesOf(file);
        expect(pieces.length).toBeLessThanOrEqual(size);
        expect(new Set(pieces).size).toBe(pieces.length);
        const tokenizer = createTokenizer(file);
        expect(tokenizer.encode(words.join(" "))).not.toContain(tokenizer.special.unknown);
      },
    ),
    { numRuns: 100, seed: 1 },
  );
});

test("keeps case and accents if asked to", () => {
  const texts = ["Éa Éa"];
  const cased = piecesOf(trainWordPiece(texts, { vocabularySize: 50, lowercase: false }));
  expect(cased).toContain("Éa");
  expect(piecesOf(trainWordPiece(texts, { vocabularySize: 50 }))).toContain("ea");
});

test("keeps the most frequent characters only, up to a limit", () => {
  const file = trainWordPiece(["aaaa bbb cc d"], { vocabularySize: 50, alphabetLimit: 2 });
  const pieces = piecesOf(file);
  expect(pieces).toContain("b");
  expect(pieces).not.toContain("c");
  expect(createTokenizer(file).encode("cc")).toEqual([1]);
});

test("text without words is refused", () => {
  expect(() => trainWordPiece([" \n", ""], { vocabularySize: 100 })).toThrow(
    expect.objectContaining({ code: "data/empty" }) as Error,
  );
});

test.each([
  { vocabularySize: 3 },
  { vocabularySize: 100.5 },
  { vocabularySize: 100, minimumFrequency: 0 },
  { vocabularySize: 10, alphabetLimit: 20 },
])("%j is refused", (options) => {
  expect(() => trainWordPiece(["the quick brown fox jumps"], options)).toThrow(
    expect.objectContaining({ code: "data/bad-option" }) as Error,
  );
});
