import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fixturePath } from "../__fixtures__/read-fixture.js";
import { loadTokenizer } from "../tokenizer/load-tokenizer.js";
import { labelledBatches, labelledEvaluationBatches } from "./labelled-batches.js";
import { readLabels } from "./read-labels.js";
import {
  readLabelledTexts,
  splitTexts,
  type LabelledTextOptions,
  type LabelReader,
  type ReadLabelledTexts,
} from "./labelled-texts.js";

const folder = mkdtempSync(join(tmpdir(), "ligo-labelled-"));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
};
const numbers: LabelReader = {
  read: (text) => (Number.isFinite(Number(text)) ? Number(text) : undefined),
  expected: "a number",
};
/** Characters stand for tokens. */
const tokenizer = { encode: (text: string) => Array.from(text, (sign) => sign.charCodeAt(0)) };
const read = (
  path: string | readonly string[],
  options: Partial<LabelledTextOptions> = {},
): Promise<ReadLabelledTexts> =>
  readLabelledTexts([path].flat(), tokenizer, { labels: numbers, ...options });
/** Texts and labels as they were written. */
const examples = (texts: ReadLabelledTexts): readonly (readonly (string | number)[])[] =>
  Array.from({ length: texts.count }, (_, example) => [
    ...texts.tokens(example).map((ids) => String.fromCharCode(...ids)),
    texts.label(example),
  ]);

describe("tables of labelled texts", () => {
  it.each([
    [
      "sst2.tsv",
      "sentence\tlabel\nit 's \"good \t1\nbad\t0\n",
      [
        ["it 's \"good ", 1],
        ["bad", 0],
      ],
    ],
    [
      "mrpc.tsv",
      "\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t7\t8\tone\ttwo\r\n",
      [["one", "two", 1]],
    ],
    [
      "qqp.tsv",
      "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n0\t1\t2\ta?\tb?\t0\n",
      [["a?", "b?", 0]],
    ],
    ["qnli.tsv", "index\tquestion\tsentence\tlabel\n0\twho?\the\t1\n", [["who?", "he", 1]]],
    ["stsb.tsv", "index\tsentence1\tsentence2\tscore\n0\ta\tb\t3.800\n", [["a", "b", 3.8]]],
    [
      "mnli.tsv",
      "index\tsentence1\tsentence2\tlabel1\tgold_label\n0\ta\tb\t7\t2\n",
      [["a", "b", 2]],
    ],
    [
      "cola.tsv",
      "gj04\t1\t\tA sentence.\nbc01\t0\t*\tSentence a.\n",
      [
        ["A sentence.", 1],
        ["Sentence a.", 0],
      ],
    ],
    [
      "rows.jsonl",
      '{"text": "one", "label": 1}\n\n{"label": true, "text": "two"}\n',
      [
        ["one", 1],
        ["two", 1],
      ],
    ],
    [
      "rows.csv",
      'label,text\n1,"a, ""b""\nc"\n0,d\n,\n2,e',
      [
        ['a, "b"\nc', 1],
        ["d", 0],
        ["e", 2],
      ],
    ],
    ["packed.tsv.gz", "text\tlabel\none\t1\n", [["one", 1]]],
  ] as const)("reads %s", async (name, text, expected) => {
    expect(examples(await read(file(name, text)))).toEqual(expected);
  });

  it("reads parquet, whose labels are whole numbers", async () => {
    const texts = await read(fixturePath("formats/labelled.parquet"), {
      textColumns: ["premise"],
      labelColumn: "label",
    });
    expect(examples(texts)).toEqual([
      ["Zoë sings", 0],
      ["nobody sings", 1],
      ["it rains", 1],
    ]);
  });

  it("takes the columns that are named", async () => {
    const path = file("named.tsv", "a\tb\tlabel\tkind\none\ttwo\t1\t2\n");
    expect(examples(await read(path, { textColumns: ["b"], labelColumn: "kind" }))).toEqual([
      ["two", 2],
    ]);
    expect(examples(await read(path, { textColumns: ["b", "a"] }))).toEqual([["two", "one", 1]]);
    await expect(read(path)).rejects.toMatchObject({
      code: "data/missing-column",
      message: expect.stringMatching(
        /named\.tsv has no column that is known to hold texts; it has: "a", .*`textColumn`/,
      ) as string,
    });
    await expect(read(path, { textColumns: ["b"], labelColumn: "c" })).rejects.toMatchObject({
      code: "data/missing-column",
      expected: 'a column "c"',
    });
  });

  it.each([
    ["cells.tsv", "text\tlabel\none\t1\ntwo\n", "data/bad-row", "line 3: it has 1 cells"],
    [
      "label.tsv",
      "text\tlabel\none\tfew\n",
      "data/bad-label",
      'line 2: the label is "few"; expected a number',
    ],
    [
      "none.tsv",
      "text\tlabel\none\t-\ntwo\tn/a\n",
      "data/no-label",
      'line 2: the label is "-", which stands for none, and no row has another one',
    ],
    ["twice.csv", "text,label,label\none,1,2\n", "data/repeated-column", 'several columns "label"'],
    ["header.csv", 'text,"label\none,1\n', "data/bad-row", "line 1: a quote is opened"],
    [
      "null.jsonl",
      '{"text": null, "label": 1}\n',
      "data/bad-row",
      'line 1: "text" is null; expected a string',
    ],
    [
      "list.jsonl",
      '{"text": "a", "label": [1]}\n',
      "data/bad-row",
      'line 1: "label" is a list; expected a label',
    ],
    [
      "later.jsonl",
      '{"text": "a", "label": 1}\n{"text": "b"}\n',
      "data/missing-column",
      'line 2, has no column "label"; it has: "text". The first row has it.',
    ],
    ["quote.csv", 'text,label\n"one,1\n', "data/bad-row", "line 2: a quote is opened"],
    ["between.csv", 'text,label\n"one"x,1\n', "data/bad-row", "line 2: there is something between"],
    ["plain.txt", "text\tlabel\n", "data/no-table", "is not a table by its name"],
    ["header.tsv", "text\tlabel\n", "data/empty", 'header.tsv" (1 file read)'],
  ])("names file and place of what is wrong: %s", async (name, text, code, words) => {
    const path = file(name, text);
    await expect(read(path)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words) as string,
    });
    await expect(read(path)).rejects.toThrow(name);
  });

  it("leaves bad rows out where it is told to, and counts them", async () => {
    const path = file("some.tsv", "text\tlabel\none\t1\ntwo\nthree\tfew\nfour\t0\n");
    const texts = await read(path, { skipBadRows: true });
    expect(examples(texts)).toEqual([
      ["one", 1],
      ["four", 0],
    ]);
    expect(texts.badRows.count).toBe(2);
    expect(texts.badRows.first[0]).toContain("line 3");
  });

  it("counts every line that is left out, and never leaves out the header", async () => {
    const open = file("open.csv", 'text,label\na,1\n"b,0\nc,1\nd,0\n');
    const texts = await read(open, { skipBadRows: true });
    expect(examples(texts)).toEqual([["a", 1]]);
    expect(texts.badRows).toMatchObject({ count: 3, first: [/line 3: a quote is opened/] });
    const none = file("all-bad.csv", 'text,label\n"b,0\nc,1\n');
    for (const reading of [
      read(none, { skipBadRows: true }),
      readLabels([none], { skipBadRows: true }),
    ]) {
      await expect(reading).rejects.toThrow(
        /There is no labelled text .* 2 rows were left out, the first as .*line 2: a quote is opened/,
      );
    }
    const joined = file("joined.csv", 'text,label\na,1\n"b,0\nc","1",2\nd,0\n');
    const others = await read(joined, { skipBadRows: true });
    expect(examples(others)).toEqual([
      ["a", 1],
      ["d", 0],
    ]);
    expect(others.badRows.count).toBe(2);
    const header = file("broken.csv", '"text" ,label\na,1\n');
    await expect(read(header, { skipBadRows: true })).rejects.toThrow("line 1: there is something");
  });

  const NONE = ["", "-", "n/a", "N/A", "NaN", "nan", "null", "None", "<NA>"];
  it.each(["tsv", "csv", "jsonl"])(
    "leaves out rows whose label stands for none: %s",
    async (kind) => {
      const labels = ["1", ...NONE, "0"];
      const rows = {
        tsv: ["text\tlabel", ...labels.map((label, row) => `row ${row}\t${label}`)],
        csv: ["text,label", ...labels.map((label, row) => `row ${row},${label}`)],
        jsonl: labels.map((label, row) => JSON.stringify({ text: `row ${row}`, label })),
      }[kind] as string[];
      const texts = await read(file(`none.${kind}`, rows.join("\n")));
      expect(examples(texts)).toEqual([
        ["row 0", 1],
        [`row ${NONE.length + 1}`, 0],
      ]);
      expect(texts.badRows.count).toBe(NONE.length);
      expect(texts.badRows.first[0]).toMatch(/line \d: there is no label/);
      expect(texts.badRows.first[1]).toMatch(/line \d: the label is "-", which stands for none/);
    },
  );

  it("takes null and Python's NaN for no label, and -1 where it is no class", async () => {
    const lines = ["null", "NaN", "1", "-1", "-1.0", '"-1"', "0"].map(
      (label) => `{"text": "NaN", "label": ${label}}`,
    );
    const path = file("python.jsonl", lines.join("\n"));
    const classes: LabelReader = {
      read: (text) => (/^[01]$/.test(text) ? Number(text) : undefined),
      expected: "0 or 1",
    };
    const texts = await read(path, { labels: classes });
    expect(examples(texts)).toEqual([
      ["NaN", 1],
      ["NaN", 0],
    ]);
    expect(texts.badRows.count).toBe(5);
    // a number among numbers
    expect((await read(path)).count).toBe(5);
    const named: LabelReader = { read: (text) => ["-1", "0", "1"].indexOf(text), expected: "-1" };
    expect((await read(path, { labels: named })).label(1)).toBe(0);
  });

  it("tells what of a folder is left out", async () => {
    const inside = mkdtempSync(join(folder, "left-"));
    for (const name of ["a.csv", "b.xlsx", ".hidden.csv", "empty.tsv"]) {
      writeFileSync(join(inside, name), name.startsWith("empty") ? "" : "text,label\na,1\n");
    }
    const { leftOut } = await read(inside);
    expect(leftOut).toEqual([
      { file: join(inside, "b.xlsx"), why: "kind" },
      { file: join(inside, ".hidden.csv"), why: "hidden" },
      { file: join(inside, "empty.tsv"), why: "empty" },
    ]);
  });

  it("does not mix single texts with pairs", async () => {
    const [single, pairs] = [
      file("single.tsv", "text\tlabel\na\t1\n"),
      file("pairs.tsv", "sentence1\tsentence2\tlabel\na\tb\t1\n"),
    ];
    await expect(read([single, pairs])).rejects.toMatchObject({ code: "data/mixed-columns" });
  });

  it("lists labels, and tells texts apart by tokens and labels", async () => {
    const path = file("names.tsv", "text\tlabel\na\tyes\nb\t-1\nc\t-\nd\tno\ne\tyes\n");
    const found = await readLabels([path], {});
    expect([...found.labels]).toEqual([
      ["yes", `${path}, line 2`],
      ["no", `${path}, line 5`],
    ]);
    expect([...found.minusOne]).toEqual([["-1", `${path}, line 3`]]);
    const hashes = await Promise.all(
      ["ab\t\t1", "a\tb\t1", "a\tb\t0"].map(async (row, index) => {
        const text = `sentence1\tsentence2\tlabel\n${row}\n`;
        return (await read(file(`hash${index}.tsv`, text))).sha256;
      }),
    );
    expect(new Set(hashes).size).toBe(3);
  });
});

const ascending = (values: readonly number[]): readonly number[] =>
  values.toSorted((a, b) => a - b);

describe("batches of labelled texts", () => {
  const rows = Array.from({ length: 10 }, (_, row) => `${"x".repeat(row)}\t${row / 2}\n`).join("");
  const framing = {
    single: [
      { id: 1, type: 0 },
      { text: 0, type: 0 },
      { id: 2, type: 0 },
    ],
    pair: [],
  } as const;
  const options = { batch: 4, sequence: 8, framing, pad: 0, vocabularySize: 200 };

  it("show every text once an epoch, in an order of the seed, and any step at once", async () => {
    const texts = await read(file("rows.tsv", `text\tlabel\n${rows}`));
    const batches = labelledBatches(texts, { ...options, seed: 3, numbers: true });
    expect(batches.stepsPerEpoch).toBe(3);
    const labels = [0, 1, 2, 3, 4].flatMap((step) => [...batches.at(step).labels]);
    const sorted = Array.from({ length: 10 }, (_, row) => row / 2);
    expect(ascending(labels.slice(0, 10))).toEqual(sorted);
    expect(ascending(labels.slice(10, 20))).toEqual(sorted);
    expect(labels.slice(10, 20)).not.toEqual(labels.slice(0, 10));
    const again = labelledBatches(texts, { ...options, seed: 3, numbers: true });
    expect(again.at(4)).toEqual(batches.at(4));
    const other = labelledBatches(texts, { ...options, seed: 4, numbers: true });
    expect(other.at(0)).not.toEqual(batches.at(0));
  });

  it("frame, pad, and fill up the last one with rows that do not count", async () => {
    const texts = await read(file("rows.tsv", `text\tlabel\n${rows}`));
    const judged = labelledEvaluationBatches(texts, options);
    expect(judged.count).toBe(3);
    const last = judged.at(2);
    expect([...last.labels]).toEqual([4, 4.5, -100, -100].map(Math.trunc));
    expect([...last.label_mask]).toEqual([1, 1, 0, 0]);
    const x = "x".charCodeAt(0);
    expect([...last.input_ids.subarray(0, 8)]).toEqual([1, x, x, x, x, x, x, 2]);
    expect([...last.input_ids.subarray(24)]).toEqual([1, x, 2, 0, 0, 0, 0, 0]);
    expect([...last.attention_mask.subarray(24)]).toEqual([1, 1, 1, 0, 0, 0, 0, 0]);
    const { labels } = labelledEvaluationBatches(texts, { ...options, numbers: true }).at(2);
    expect([...labels]).toEqual([4, 4.5, 0, 0]);
    const few = labelledEvaluationBatches(texts, { ...options, limitTexts: 2, batch: 2 });
    expect([...few.at(0).labels]).toEqual([0, 2]);
  });

  it("hold out texts that are not learned from", async () => {
    const texts = await read(file("rows.tsv", `text\tlabel\n${rows}`));
    const { train, heldOut } = splitTexts(texts, { heldOut: 0.3, seed: 1 });
    const labelsOf = (one: typeof train): number[] =>
      Array.from({ length: one.count }, (_, example) => one.label(example));
    expect(heldOut.count).toBe(3);
    expect(ascending([...labelsOf(train), ...labelsOf(heldOut)])).toEqual(labelsOf(texts));
    expect(train.tokens(0)[0]?.length).toBe(2 * train.label(0));
    expect(() => splitTexts(texts, { heldOut: 10, seed: 1 })).toThrow(
      "more data, or hold out fewer texts",
    );
  });

  it("refuse what a model cannot take", async () => {
    const texts = await read(file("rows.tsv", `text\tlabel\n${rows}`));
    expect(() => labelledBatches(texts, { ...options, vocabularySize: 100, seed: 0 })).toThrow(
      "holds token 120",
    );
    expect(() => labelledBatches(texts, { ...options, sequence: 2, seed: 0 })).toThrow(
      "`sequence` is 2",
    );
  });
});

it("reads with a real tokenizer", async () => {
  const bert = await loadTokenizer(fixturePath("bert"));
  const path = file("real.tsv", "sentence1\tsentence2\tlabel\nThe king\tis dead.\t1\n");
  const texts = await readLabelledTexts([path], bert, { labels: numbers });
  expect(texts.tokens(0).map((ids) => [...ids])).toEqual([
    bert.encode("The king"),
    bert.encode("is dead."),
  ]);
});
