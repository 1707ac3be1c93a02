import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fixturePath } from "../__fixtures__/read-fixture.js";
import { DataError } from "../errors/data-error.js";
import { readTexts, type ReadTextOptions, type TextPart } from "../texts/read-texts.js";

const fixture = (name: string): string => fixturePath(`formats/${name}`);
const recorded = JSON.parse(await readFile(fixture("texts.json"), "utf8")) as {
  texts: string[];
  plain: string;
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-formats-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function read(path: string, options?: ReadTextOptions): Promise<TextPart[]> {
  const parts: TextPart[] = [];
  for await (const part of readTexts([path], options)) parts.push(part);
  return parts;
}
const textsOf = async (path: string, options?: ReadTextOptions): Promise<string[]> =>
  (await read(path, options)).map(({ text }) => text);

/** Texts, and the messages of the rows left out. */
async function readSkipping(path: string, options?: ReadTextOptions) {
  const skipped: DataError[] = [];
  const texts = await textsOf(path, { ...options, onBadRow: (error) => skipped.push(error) });
  return { texts, skipped: skipped.map(({ message }) => message) };
}

describe("tables that other software wrote", () => {
  const compressions = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"];
  const layouts = ["dictionary", "plain", "v2", "large", "pandas", "binary"];
  const tables = [...compressions, ...layouts].map((name) => `${name}.parquet`);
  test.each([...tables, "texts.jsonl", "texts.jsonl.gz", "pandas.jsonl"])(
    "%s gives its texts",
    async (name) => {
      expect(await textsOf(fixture(name))).toEqual(recorded.texts);
    },
  );

  test.each(["texts.txt.gz", "members.txt.gz"])("%s gives its text", async (name) => {
    for (const partBytes of [7, 100, 2 ** 20]) {
      expect((await textsOf(fixture(name), { partBytes })).join("")).toBe(recorded.plain);
    }
  });

  test("rows are numbered: lines from 1, parquet from 0", async () => {
    const numbers = async (name: string): Promise<unknown> =>
      (await read(fixture(name))).map(({ row }) => row);
    expect(await numbers("texts.jsonl")).toEqual(recorded.texts.map((_, index) => index + 1));
    expect(await numbers("snappy.parquet")).toEqual(recorded.texts.map((_, index) => index));
  });

  test("nulls and bytes that are no text are named by row group and row, or left out", async () => {
    const path = fixture("nulls.parquet");
    await expect(read(path)).rejects.toMatchObject({
      code: "data/bad-row",
      file: path,
      message: expect.stringContaining(`row 1 (row group 0): "text" is null`) as string,
    });
    const { texts, skipped } = await readSkipping(path);
    expect(texts).toEqual(recorded.texts.filter((_, row) => row !== 1 && row !== 6));
    expect(skipped).toHaveLength(2);
    expect(skipped[1]).toContain("row 6 (row group 1)");
    await expect(read(fixture("bytes.parquet"))).rejects.toThrow(/row 2 .*"text" is not UTF-8/);
    expect((await readSkipping(fixture("bytes.parquet"))).texts).toHaveLength(9);
    await expect(read(fixture("numbers.parquet"))).rejects.toThrow(
      /row 0 .*"text" is (number|bigint)/,
    );
  });

  test.each(["texts.jsonl", "snappy.parquet"])("%s: another column, or none", async (name) => {
    const path = fixture(name);
    await expect(read(path, { textColumn: "body" })).rejects.toMatchObject({
      code: "data/missing-column",
      message: expect.stringMatching(/no column "body"; it has: "id", "text"/) as string,
    });
    await expect(read(path, { textColumn: "id" })).rejects.toMatchObject({ code: "data/bad-row" });
  });
});

describe("tables of text", () => {
  test.each([
    ["rows.csv", 'id,text\n1,"a, b\nc"\n\n2,5" disk\n'],
    ["rows.tsv", 'id\ttext\r\n1\ta, b\r\n2\t5" disk\r\n'],
    ["rows.csv.gz", 'text\n"a, b"\n5" disk\n'],
  ])("%s gives the texts of its column, a document each", async (name, content) => {
    const path = await put(name, name.endsWith(".gz") ? gzipSync(content) : content);
    const parts = await read(path, { partBytes: 8 });
    expect(parts.map(({ text }) => text.replace("\nc", ""))).toEqual(["a, b", '5" disk']);
    expect(parts.every(({ row }) => row !== undefined)).toBe(true);
    await expect(read(path, { textColumn: "body" })).rejects.toMatchObject({
      code: "data/missing-column",
    });
  });

  test("a row that is none is named, or left out", async () => {
    const path = await put("rows.csv", "id,text\n1,a\n2\n3,b\n");
    await expect(read(path)).rejects.toThrow("rows.csv, line 3: it has 1 cells; expected 2 cells");
    expect((await readSkipping(path)).texts).toEqual(["a", "b"]);
  });
});

describe("damaged files", () => {
  /** A reading ends with a DataError that names the file, or gives these texts. */
  async function survives(path: string): Promise<void> {
    const outcome = await textsOf(path).catch((error: unknown) => error);
    if (Array.isArray(outcome)) return;
    expect(outcome).toBeInstanceOf(DataError);
    expect((outcome as DataError).message).toContain(path);
  }

  test.each(["snappy.parquet", "gzip.parquet", "zstd.parquet", "v2.parquet", "dictionary.parquet"])(
    "%s: changed bytes and cut ends never end in another error",
    async (name) => {
      const bytes = await readFile(fixture(name));
      await fc.assert(
        fc.asyncProperty(
          fc.nat(bytes.length - 1),
          fc.nat(255),
          fc.boolean(),
          async (at, value, cut) => {
            const changed = cut ? bytes.subarray(0, at) : Uint8Array.from(bytes);
            if (!cut) changed[at] = value;
            await survives(await put("x.parquet", changed));
          },
        ),
        { numRuns: 60, seed: 1 },
      );
    },
  );

  test.each(["texts.txt.gz", "texts.jsonl.gz"])("%s cut off or changed is named", async (name) => {
    const bytes = await readFile(fixture(name));
    for (let length = 1; length < bytes.length; length += 11) {
      const path = await put(name, bytes.subarray(0, length));
      await expect(read(path)).rejects.toMatchObject({
        code: "data/bad-gzip",
        file: path,
        message: expect.stringContaining("it ends too early") as string,
      });
    }
    // From the compressed data on; the header before it has no checksum.
    for (let at = 10; at < bytes.length; at += 7) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      await expect(read(await put(name, changed))).rejects.toMatchObject({ code: "data/bad-gzip" });
    }
  });

  test("text that only claims to be gzip, gzipped parquet, missing files", async () => {
    await expect(read(await put("x.txt.gz", "plain"))).rejects.toMatchObject({
      code: "data/bad-gzip",
    });
    await expect(read(await put("x.parquet", "PAR1"))).rejects.toMatchObject({
      code: "data/bad-parquet",
    });
    await expect(read(await put("x.parquet.gz", "x"))).rejects.toThrow(/unpack it with gunzip/);
  });
});

describe("JSON lines", () => {
  test("bad lines are named, or left out and reported", async () => {
    const content = Buffer.concat([
      Buffer.from(
        '\uFEFF{"text":"one"}\r\n\n{"text": "two",}\n["three"]\n{"text":4}\n{"body":"5"}\n',
      ),
      Buffer.from('{"text":"caf\xe9"}\n{"text":"seven"}', "latin1"),
    ]);
    const path = await put("x.jsonl", content);
    for (const partBytes of [1, 16, 2 ** 20]) {
      const { texts, skipped } = await readSkipping(path, { partBytes });
      expect(texts).toEqual(["one", "seven"]);
      expect(skipped.map((one) => one.replace(path, ""))).toEqual([
        expect.stringMatching(/^, line 3: it is not JSON/),
        expect.stringMatching(/^, line 4: it is a list/),
        expect.stringMatching(/^, line 5: "text" is number; expected a string/),
        expect.stringMatching(/^, line 6, has no column "text"; it has: "body"/),
        expect.stringMatching(/^ is not UTF-8 in line 7: the bytes from offset 83 /),
      ]);
      await expect(read(path, { partBytes })).rejects.toThrow(`${path}, line 3`);
    }
  });

  test("any texts, in parts of any size, plain or gzipped, come back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }),
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        async (texts, partBytes, gzip) => {
          const content = texts.map((text) => JSON.stringify({ text })).join("\n");
          const path = await put(
            gzip ? "x.jsonl.gz" : "x.jsonl",
            gzip ? gzipSync(content) : content,
          );
          const outcome = await textsOf(path, { partBytes }).catch(
            (error: unknown) => (error as DataError).code,
          );
          const empty = texts.every((text) => text.trim() === "");
          expect(outcome).toEqual(empty ? "data/empty" : texts);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  test("a table of bad rows only is empty", async () => {
    const path = await put("x.json", "1\n2\n");
    await expect(readSkipping(path)).rejects.toMatchObject({ code: "data/empty" });
  });
});

test("lines of text that are not UTF-8 are left out when asked", async () => {
  const bytes = gunzipSync(gzipSync(Buffer.from("good\ncaf\xe9\nbetter\n\xff", "latin1")));
  const path = await put("x.txt", bytes);
  for (const partBytes of [8, 2 ** 20]) {
    const { texts, skipped } = await readSkipping(path, { partBytes });
    expect(texts.join("")).toBe("good\nbetter\n");
    expect(skipped.map((one) => /line (\d)/.exec(one)?.[1])).toEqual(["2", "4"]);
  }
});
