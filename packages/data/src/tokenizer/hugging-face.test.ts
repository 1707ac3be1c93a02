import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { codePointTexts, corpusText, hashOfIds } from "../__fixtures__/token-corpus.js";
import { fixturePath } from "../__fixtures__/read-fixture.js";
import { createTokenizer, type TextTokenizer } from "./tokenizer.js";

/* Ids of Hugging Face's tokenizers (Rust), recorded by tooling/fixtures/record-tokens.py. */

interface Recorded {
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly codePoints: { readonly last: number; readonly hash: number };
  readonly block: number;
  readonly hashes: readonly number[];
}

const folder = fixturePath("tokens");
const names = readdirSync(folder)
  .map((name) => name.replace(".json.gz", ""))
  .filter((name) => name !== "charsmap");

function unpacked(name: string): string {
  return gunzipSync(readFileSync(join(folder, `${name}.json.gz`))).toString();
}
const { precompiled_charsmap: charsmap } = JSON.parse(unpacked("charsmap")) as {
  readonly precompiled_charsmap: string;
};

function open(tokenizer: Readonly<Record<string, unknown>>): TextTokenizer {
  return createTokenizer({ tokenizer, config: {} }, { requireMask: false });
}

describe.each(names)("ids of a tokenizer like %s are those of Hugging Face's library", (name) => {
  const recorded = JSON.parse(unpacked(name).replaceAll("$charsmap", charsmap)) as Recorded;
  const tokenizer = open(recorded.tokenizer);

  test("for code points alone and between letters", () => {
    const ids = tokenizer.encodeAll(codePointTexts(recorded.codePoints.last));
    expect(hashOfIds(ids)).toBe(recorded.codePoints.hash);
  });

  test("for texts of every kind", () => {
    const hashes = recorded.hashes.map((_, block) => {
      const texts = Array.from({ length: recorded.block }, (__, at) =>
        corpusText(block * recorded.block + at),
      );
      return hashOfIds(tokenizer.encodeAll(texts));
    });
    expect(hashes).toEqual(recorded.hashes);
  });
});

/** A folder that the script's `--all` or `--lines` wrote. */
const full = process.env["LIGO_TOKENS"];

describe.skipIf(full === undefined)("all ids of the full corpus", () => {
  const { texts, lines } = (
    full === undefined
      ? { texts: 0, lines: [] }
      : JSON.parse(readFileSync(join(full, "texts.json"), "utf8"))
  ) as { readonly texts: number; readonly lines: readonly string[] };
  const all = full === undefined ? [] : readdirSync(full);

  test.each(all.filter((name) => existsSync(join(full ?? "", name, "ids.bin"))))(
    "%s",
    { timeout: 3_600_000 },
    (name) => {
      const path = join(full ?? "", name);
      const bytes = readFileSync(join(path, "ids.bin"));
      const ids = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
      const tokenizer = open(
        JSON.parse(readFileSync(join(path, "tokenizer.json"), "utf8")) as Recorded["tokenizer"],
      );
      const corpus = [
        ...codePointTexts(0x1ffff),
        ...Array.from({ length: texts }, (_, index) => corpusText(index)),
        ...lines,
      ];
      const wrong: unknown[] = [];
      let at = 0;
      for (const [index, found] of tokenizer.encodeAll(corpus).entries()) {
        const length = ids[at] ?? 0;
        const expected = [...ids.subarray(at + 1, at + 1 + length)];
        at += 1 + length;
        if (found.join() !== expected.join()) wrong.push({ text: corpus[index], found, expected });
      }
      expect(at).toBe(ids.length);
      expect({ different: wrong.length, first: wrong.slice(0, 5) }).toEqual({
        different: 0,
        first: [],
      });
    },
  );
});
