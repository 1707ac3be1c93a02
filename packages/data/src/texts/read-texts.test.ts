import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readTexts, type ReadTextOptions, type TextPart } from "./read-texts.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-data-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function put(name: string, content: string | Uint8Array = name): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function readAll(patterns: string[], options?: ReadTextOptions): Promise<TextPart[]> {
  const parts: TextPart[] = [];
  for await (const part of readTexts(patterns, options)) parts.push(part);
  return parts;
}

describe("readTexts", () => {
  test("reads files in order, without byte order mark", async () => {
    const one = await put("1.txt", "\uFEFFfirst \uFEFF\r\n");
    const two = await put("2.txt", "zweite Zeile äöü 🙂");
    expect(await readAll([folder])).toEqual([
      { file: one, text: "first \uFEFF\n" },
      { file: two, text: "zweite Zeile äöü 🙂" },
    ]);
  });

  test.each([1, 2, 3, 5, 8, 64])("parts of %i bytes join to the file", async (partBytes) => {
    const text = "one line\nzwei äöü\n\n€€€€€€€€ 🙂🙂🙂🙂🙂🙂 ende";
    const file = await put("x.txt", text);
    const parts = await readAll([file], { partBytes });
    expect(parts.map((part) => part.text).join("")).toBe(text);
  });

  test.each([1, 2, 3, 5, 8, 64])(
    "line ends of any system are one, in parts of %i",
    async (partBytes) => {
      const text = "one\r\ntwo\rthree\n\r\n\r\r\n€ four\r\r";
      const file = await put("ends.txt", text);
      const parts = await readAll([file], { partBytes });
      expect(parts.map((part) => part.text).join("")).toBe("one\ntwo\nthree\n\n\n\n€ four\n\n");
    },
  );

  test.each([3, 1024])(
    "bytes behind lone returns are placed, in parts of %i",
    async (partBytes) => {
      const file = await put("returns.txt", Buffer.from("one\rtwo\r\nthr\xe9\r", "latin1"));
      await expect(readAll([file], { partBytes })).rejects.toThrow(/in line 3: .*offset 12 /);
      const skipped: Error[] = [];
      const onBadRow = (error: Error): void => void skipped.push(error);
      const parts = await readAll([file], { partBytes: 1024, onBadRow });
      expect(parts.map((part) => part.text)).toEqual(["one\ntwo\n"]);
      expect(skipped).toHaveLength(1);
    },
  );

  test("UTF-16 is named as such, whatever rows may be left out", async () => {
    const file = await put("wide.txt", Buffer.from("\uFEFFone\r\ntwo\r\n", "utf16le"));
    await expect(readAll([file], { onBadRow: () => undefined })).rejects.toMatchObject({
      code: "data/not-utf8",
      actual: "UTF-16 (little-endian)",
    });
  });

  test("cuts large files at line ends", async () => {
    const file = await put("x.txt", "aaa bbb\nccc ddd\neee fff\nggg");
    const parts = await readAll([file], { partBytes: 10 });
    expect(parts.map((part) => part.text)).toEqual(["aaa bbb\n", "ccc ddd\n", "eee fff\nggg"]);
  });

  test.each([4, 7, 1024])(
    "bytes that are not UTF-8 are named, in parts of %i",
    async (partBytes) => {
      const good = Buffer.from("good\nline é\n");
      const file = await put(
        "latin1.txt",
        Buffer.concat([good, Buffer.from("caf\xe9 ol\xe9\n", "latin1")]),
      );
      await expect(readAll([file], { partBytes })).rejects.toMatchObject({
        code: "data/not-utf8",
        file,
        message: expect.stringMatching(
          new RegExp(`${file} .*offset ${good.length + 3} .0xe9`),
        ) as string,
      });
    },
  );

  test("a character cut off by the end of the file is not UTF-8", async () => {
    const file = await put("cut.txt", Buffer.from("ab €").subarray(0, 5));
    await expect(readAll([file])).rejects.toMatchObject({
      code: "data/not-utf8",
      message: expect.stringContaining("offset 3 ") as string,
    });
  });

  test("a corpus without text is refused", async () => {
    await put("a.txt", "");
    await put("b.txt", " \n\t\n");
    await expect(readAll([folder])).rejects.toMatchObject({
      code: "data/empty",
      message: expect.stringContaining(`"${folder}" (2 files read)`) as string,
    });
  });

  test("a file that cannot be read is named", async () => {
    const gone = join(folder, "gone.txt");
    await symlink(join(folder, "nowhere"), gone);
    await expect(readAll([folder])).rejects.toMatchObject({ code: "data/unreadable", file: gone });
  });
});
