import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFixture } from "../__fixtures__/read-fixture.js";
import { readDelimited, type DelimitedRow } from "./read-delimited.js";

const folder = mkdtempSync(join(tmpdir(), "ligo-tables-"));

/** Rows of a table, null for one that is none, and the messages of these. */
async function read(
  text: string,
  {
    partBytes = 2 ** 20,
    kind = "commas",
  }: { readonly partBytes?: number; readonly kind?: "commas" | "tabs" } = {},
): Promise<{ readonly rows: readonly DelimitedRow[]; readonly bad: readonly string[] }> {
  const file = join(folder, "rows.csv");
  writeFileSync(file, text);
  const rows: DelimitedRow[] = [];
  const bad: string[] = [];
  const onBadRow = ({ message }: Error, lines = 1): void => void bad.push(`${lines} ${message}`);
  const options = { partBytes, onBadRow };
  for await (const { cells, line, lines } of readDelimited(file, { kind, gzip: false }, options))
    rows.push({ line, lines, cells });
  return { rows, bad };
}

interface Recorded {
  readonly text: string;
  readonly rows: readonly {
    readonly line: number;
    readonly lines: number;
    readonly cells: readonly string[] | null;
  }[];
}

describe("cells between commas", () => {
  it.each([2, 7, 2 ** 20])(
    "are those of Python's csv module, in parts of %i bytes",
    async (partBytes) => {
      for (const { rows, text } of readFixture<readonly Recorded[]>("tables.json")) {
        const found = await read(text, { partBytes });
        const good = rows.filter(({ cells }) => cells !== null);
        expect(found.rows, JSON.stringify(text)).toEqual(good);
        const bad = rows.filter(({ cells }) => cells === null);
        expect(found.bad.length, JSON.stringify(text)).toBe(bad.length);
        for (const [index, { line, lines }] of bad.entries()) {
          expect(found.bad[index]).toMatch(new RegExp(`^${lines} .*rows\\.csv, line ${line}: `));
        }
      }
    },
  );

  it("come back as they were written", async () => {
    const cell = fc.string({
      unit: fc.constantFrom("a", "ß", "😀", " ", ",", '"', "\n", "\t", "\uFEFF"),
    });
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const plain = (text: string): string => (/^"|[,\n]|^\uFEFF/u.test(text) ? quoted(text) : text);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 }),
        fc.boolean(),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.integer({ min: 1, max: 40 }),
        async (rows, all, end, partBytes) => {
          const text = rows.map((row) => row.map(all ? quoted : plain).join(",")).join("\n");
          const found = await read(text.replaceAll("\n", end), { partBytes });
          expect(found.bad).toEqual([]);
          expect(found.rows.map(({ cells }) => cells)).toEqual(rows);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  it("are read in a time that grows with the text, a stray quote in them or not", async () => {
    const rows = Array.from({ length: 60_000 }, (_, row) => `a sentence of row ${row},${row % 2}`);
    // a quadratic reader takes hours for these
    const open = await read(`text,label\n"open,1\n${rows.join("\n")}\n`);
    expect(open.rows).toHaveLength(1);
    expect(open.bad).toEqual([
      expect.stringMatching(
        /^60001 .*line 2: a quote is opened and never closed, so that the 60000 lines behind it are no rows/,
      ),
    ]);
    const stray = await read(`text,label\n5" open,1\n${rows.join("\n")}\n`);
    expect(stray.rows).toHaveLength(60_002);
    const doubled = await read(`text,label\n"${'""'.repeat(500_000)}",1\n`);
    expect(doubled.rows[1]?.cells[0]).toHaveLength(500_000);
    const cells = await read(`${",".repeat(300_000)}\n`);
    expect(cells.rows[0]?.cells).toHaveLength(300_001);
  });

  it("in one long line take no more time than in many", async () => {
    const text = `text,label\n"${"word ".repeat(400_000)}",1`;
    expect((await read(text, { partBytes: 64 })).rows[1]?.cells[0]).toHaveLength(2_000_000);
  });
});

it("cells between tabs are taken as they are", async () => {
  const { rows } = await read('a\tb\r\n"x\ty"\n\n""\t"\r5" z\t \n', { kind: "tabs" });
  expect(rows.map(({ cells, line }) => [line, ...cells])).toEqual([
    [1, "a", "b"],
    [2, '"x', 'y"'],
    [4, '""', '"'],
    [5, '5" z', " "],
  ]);
});
