import { mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { causalBlocks } from "../../blocks/causal-blocks.js";
import { readTexts } from "../../texts/read-texts.js";
import { splitBlocks } from "../../blocks/split-blocks.js";
import { storedBlocks } from "../../blocks/stored-blocks.js";
import { gatherRows } from "../../blocks/blocks.js";
import { tokenBlocks } from "../../blocks/token-blocks.js";
import type { TokenStore } from "../token-store.js";
import { createTokenizer } from "../../tokenizer/tokenizer.js";
import { trainWordPiece } from "../../tokenizer/training/train-wordpiece.js";
import { cacheFolder } from "./cache-folder.js";
import { openTokens, type OpenTokensOptions } from "./open-tokens.js";
import { openTokenFile, writeTokenFile } from "./token-file.js";

const LINES = Array.from({ length: 900 }, (_, k) => `the cat ${k} sees a dog ${k * 7919} times .`);
const TEXT = `${LINES.join("\n")}\n`;
const wordPieces = trainWordPiece([TEXT], { vocabularySize: 80 });
const tokenizer = createTokenizer(wordPieces);

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-cache-"));
  file = join(folder, "text.txt");
  await writeFile(file, TEXT);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const cached = async (
  changes: Partial<OpenTokensOptions> = {},
  paths: readonly string[] = [file],
): Promise<{ store: TokenStore; notes: string[] }> => {
  const notes: string[] = [];
  const onNote = (text: string): void => void notes.push(text);
  const options = { unit: "lines", cache: join(folder, "cache"), onNote, ...changes } as const;
  return { store: await openTokens(paths, tokenizer, options), notes };
};
const tokenFiles = async (): Promise<string[]> =>
  (await readdir(join(folder, "cache", "tokens"))).map((name) =>
    join(folder, "cache/tokens", name),
  );
/** Tell files that were written anew from those that were not. */
const inodes = async (): Promise<number[]> =>
  Promise.all((await tokenFiles()).map(async (path) => (await stat(path)).ino));
const allOf = (store: TokenStore): Int32Array => {
  const tokens = new Int32Array(store.count);
  store.read(0, tokens);
  return tokens;
};

describe("cached tokens", () => {
  test.each(["lines", "documents"] as const)("are those in memory, by %s", async (unit) => {
    const memory = await openTokens([file], tokenizer, { unit });
    const { store } = await cached({ unit });
    const {
      close: _close,
      file: name,
      read: _one,
      ...inFile
    } = store as TokenStore & { close: unknown };
    expect(await tokenFiles()).toContain(name);
    const { read: _other, ...inMemory } = memory;
    expect(inFile).toEqual(inMemory);
    expect(allOf(store)).toEqual(allOf(memory));
    // one uint16 page holds 2032
    expect(store.count).toBeGreaterThan(3 * 2032);
    fc.assert(
      fc.property(fc.nat(store.count), fc.nat(5000), (start, length) => {
        const [one, other] = [0, 0].map(
          () => new Int32Array(Math.min(length, store.count - start)),
        ) as [Int32Array, Int32Array];
        store.read(start, one);
        memory.read(start, other);
        expect(one).toEqual(other);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test("make the blocks that texts in memory make, and split alike", async () => {
    for (const unit of ["lines", "documents"] as const) {
      const { store } = await cached({ unit });
      const make = unit === "lines" ? tokenBlocks : causalBlocks;
      const blocks = await make(readTexts([file]), tokenizer, { sequence: 17 });
      const stored = storedBlocks([store], tokenizer, { sequence: 17, unit });
      const all = Array.from({ length: blocks.count }, (_, block) => block);
      expect(stored.count).toBe(blocks.count);
      expect(stored.rows(all)).toEqual(blocks.tokens);
      const [one, other] = [blocks, stored].map((two) =>
        splitBlocks(two as typeof stored, { heldOut: 0.1, seed: 5 }),
      );
      for (const part of ["train", "heldOut"] as const) {
        const chosen = all.slice(0, one![part].count);
        expect(other![part].count).toBe(one![part].count);
        expect(other![part].rows(chosen)).toEqual(gatherRows(one![part], chosen));
      }
    }
  });

  test("are found again by content: under another name, at another time", async () => {
    const { store } = await cached();
    const written = await inodes();
    const moved = join(folder, "moved.txt");
    await rename(file, moved);
    await utimes(moved, 1, 1);
    const { store: again, notes } = await cached({}, [moved]);
    expect(notes).toEqual([]);
    expect(await inodes()).toEqual(written);
    expect(again.sha256).toBe(store.sha256);
  });

  test("are made anew for other texts, tokenizers and options", async () => {
    await cached();
    await cached({ unit: "documents" });
    await cached({ skipBadRows: true });
    await cached({ textColumn: "body" });
    await writeFile(file, TEXT.replace("cat 0", "dog 0"));
    await cached();
    const other = createTokenizer({ ...wordPieces, config: { ...wordPieces.config, x: 1 } });
    await openTokens([file], other, { unit: "lines", cache: join(folder, "cache") });
    expect(await tokenFiles()).toHaveLength(6);
  });

  test("keep the report of rows left out", async () => {
    const rows = join(folder, "rows.jsonl");
    await writeFile(rows, `${JSON.stringify({ text: TEXT })}\n[]\n{}\n`);
    const written: number[][] = [];
    for (let time = 0; time < 2; time++) {
      const { store } = await cached({ skipBadRows: true }, [rows]);
      written.push(await inodes());
      expect(store.badRows.count).toBe(2);
      expect(store.badRows.first[0]).toContain("line 2");
    }
    expect(written[1]).toEqual(written[0]);
    await expect(cached({}, [rows])).rejects.toMatchObject({ code: "data/bad-row" });
    // nothing half-written stays
    expect(await tokenFiles()).toHaveLength(1);
  });

  test("may be made by several at once", async () => {
    const stores = await Promise.all([1, 2, 3].map(async () => (await cached()).store));
    for (const store of stores) expect(allOf(store)).toEqual(allOf(stores[0] as TokenStore));
    expect(await tokenFiles()).toHaveLength(1);
  });

  test("hold large ids", async () => {
    const path = join(folder, "large");
    const ids = Array.from({ length: 3000 }, (_, k) => k * 70_000);
    await writeTokenFile(path, { key: "k", vocabularySize: 3e8 }, async (sink) => {
      sink.push(ids);
      return { count: 0, first: [] };
    });
    expect([...allOf(openTokenFile(path, "k"))]).toEqual(ids);
  });
});

describe("a cache that is damaged", () => {
  /** Opens and reads all of it. */
  const readWhole = (path: string, key: string): void => void allOf(openTokenFile(path, key));

  test("is noticed, whichever byte is changed and wherever it is cut off", async () => {
    await cached();
    const [path = ""] = await tokenFiles();
    const key = /([0-9a-f]{64})\.tokens$/.exec(path)?.[1] ?? "";
    const bytes = await readFile(path);
    readWhole(path, key);
    // The padding behind the JSON of the header says nothing.
    const header = 48 + bytes.readUInt32LE(12);
    const places = fc.oneof(fc.nat(header - 1), fc.integer({ min: 4096, max: bytes.length - 1 }));
    await fc.assert(
      fc.asyncProperty(places, fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        await writeFile(path, changed);
        expect(() => readWhole(path, key)).toThrow(
          expect.objectContaining({ code: "data/bad-cache", file: path }),
        );
      }),
      { seed: 1, numRuns: 100 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        await writeFile(path, bytes.subarray(0, length));
        expect(() => readWhole(path, key)).toThrow(
          expect.objectContaining({ code: "data/bad-cache" }),
        );
      }),
      { seed: 1, numRuns: 50 },
    );
    await writeFile(path, bytes);
    expect(() => readWhole(path, "another key")).toThrow(/other texts or another tokenizer/);
    // two pages swapped
    await writeFile(
      path,
      Buffer.concat([
        bytes.subarray(0, 4096),
        bytes.subarray(8192, 12_288),
        bytes.subarray(4096, 8192),
        bytes.subarray(12_288),
      ]),
    );
    expect(() => readWhole(path, key)).toThrow(/page 0 is damaged/);
  });

  test("is named and made again", async () => {
    const before = allOf((await cached()).store);
    const [path = ""] = await tokenFiles();
    await writeFile(path, "something else");
    const { store: again, notes } = await cached();
    expect(notes[0]).toContain(path);
    expect(allOf(again)).toEqual(before);
  });

  test("cannot be made where a file is in the way", async () => {
    await writeFile(join(folder, "cache"), "a file");
    await expect(cached()).rejects.toMatchObject({ code: "data/cache-unwritable" });
  });
});

test("cacheFolder honours LIGO_CACHE, then XDG_CACHE_HOME, then the home folder", () => {
  expect(cacheFolder({ LIGO_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
  expect(cacheFolder({ LIGO_CACHE: "", XDG_CACHE_HOME: "/b" })).toBe(join("/b", "ligo"));
  expect(cacheFolder({})).toMatch(/\.cache.ligo$/);
});
