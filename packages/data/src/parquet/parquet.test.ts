import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fixturePath } from "../__fixtures__/read-fixture.js";
import { openParquet, type ReadParquetOptions } from "./open-parquet.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-parquet-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const fixture = (name: string): string => fixturePath(`formats/${name}.parquet`);
const recorded = JSON.parse(await readFile(fixturePath("formats/texts.json"), "utf8")) as {
  readonly texts: readonly string[];
};

async function rowsOf(
  file: string,
  options: Partial<ReadParquetOptions> = {},
): Promise<readonly unknown[]> {
  const parquet = await openParquet(file, ({ reason }) => new Error(reason));
  const rows: unknown[] = [];
  const settings = { columns: ["text"], text: true, ...options };
  for await (const part of parquet.read(settings)) rows.push(...part.rows.map(([cell]) => cell));
  return rows;
}

/** A fixture with bytes changed: each pattern is found once and gets another in its place. */
async function changed(name: string, find: string, put: string): Promise<string> {
  const text = (await readFile(fixture(name))).toString("latin1");
  const [from, to] = [find, put].map((hex) => Buffer.from(hex, "hex").toString("latin1"));
  expect(text.split(from ?? ""), "found once").toHaveLength(2);
  const file = join(folder, `${name}.parquet`);
  await writeFile(
    file,
    Buffer.from(
      text.replace(from ?? "", () => to ?? ""),
      "latin1",
    ),
  );
  return file;
}

describe("a parquet file", () => {
  it("gives rows of some groups, cells of some columns, bytes as they are", async () => {
    const file = fixture("snappy");
    const { columns, groups } = await openParquet(file, ({ reason }) => new Error(reason));
    expect(columns).toEqual(["id", "text", "score"]);
    expect(groups).toEqual([4, 4, 2]);
    expect(await rowsOf(file, { groups: [1, 2] })).toEqual(recorded.texts.slice(4, 8));
    expect(await rowsOf(file, { groups: [2, 2] })).toEqual([]);
    expect(await rowsOf(file, { columns: ["score", "text"] })).toEqual(
      recorded.texts.map((_, row) => row / 4),
    );
    const bytes = await rowsOf(file, { text: false });
    expect(bytes.map((cell) => Buffer.from(cell as Uint8Array).toString())).toEqual(recorded.texts);
  });

  it("may be read by several at once, and left early", async () => {
    const file = fixture("v2");
    const parquet = await openParquet(file, ({ reason }) => new Error(reason));
    for await (const { rows } of parquet.read({ columns: ["text"], text: true })) {
      expect(rows[0]).toEqual([recorded.texts[0]]);
      break;
    }
    const both = await Promise.all([rowsOf(file), rowsOf(fixture("gzip"))]);
    expect(both).toEqual([recorded.texts, recorded.texts]);
  });

  it("has no column twice", async () => {
    await expect(rowsOf(fixture("snappy"), { columns: ["none"] })).rejects.toThrow(
      '0 columns called "none"',
    );
  });
});

describe("a parquet file that contradicts itself", () => {
  it.each([
    // an i64 of thrift is a zigzag varint behind the byte 16
    ["the file", "1614193c", "1610193c", "it says that it has 8 rows, its row groups have 10"],
    ["a row group", "be07160826", "be07160626", "column id has 4 values in a row group of 3"],
    [
      "a column",
      "78741500160816e203",
      "78741500160616e203",
      "column text has 3 values in a row group of 4",
    ],
  ])("in the rows of %s is refused", async (_, find, put, reason) => {
    await expect(rowsOf(await changed("none", find, put))).rejects.toThrow(reason);
  });

  it("wherever a byte is changed gives its rows, or an error, and never fewer", async () => {
    const bytes = await readFile(fixture("none"));
    const footer = bytes.readUInt32LE(bytes.length - 8);
    const file = join(folder, "x.parquet");
    let refused = 0;
    // the counts of a footer are in its last third
    for (let at = bytes.length - 8 - Math.floor(footer / 3); at < bytes.length; at += 2) {
      const other = Uint8Array.from(bytes);
      other[at] = (other[at] ?? 0) ^ 4;
      await writeFile(file, other);
      const rows = await rowsOf(file).catch((error: unknown) => error);
      if (rows instanceof Error) refused++;
      else expect(rows).toHaveLength(recorded.texts.length);
    }
    expect(refused).toBeGreaterThan(10);
  });

  it("is named by its reason: cut off, no parquet, not there", async () => {
    const bytes = await readFile(fixture("gzip"));
    const file = join(folder, "x.parquet");
    await writeFile(file, bytes.subarray(0, bytes.length - 1));
    await expect(rowsOf(file)).rejects.toThrow("does not end in PAR1");
    await writeFile(file, "");
    await expect(rowsOf(file)).rejects.toThrow("too short");
    await expect(rowsOf(join(folder, "none.parquet"))).rejects.toThrow("ENOENT");
  });
});
