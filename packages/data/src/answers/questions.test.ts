import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fixturePath, readFixture } from "../__fixtures__/read-fixture.js";
import { recordedTokenizer } from "../__fixtures__/recorded-tokenizer.js";
import { answerBatches, answerEvaluationBatches } from "./answer-batches.js";
import { answerWindows } from "./answer-windows.js";
import { readQuestions, splitQuestions, type ReadQuestions } from "./questions.js";

interface HubRow {
  readonly id: string;
  readonly question: string;
  readonly context: string;
  readonly answers: { readonly text: readonly string[]; readonly answer_start: readonly number[] };
}

interface RecordedRow {
  readonly question: number;
  readonly input_ids: readonly number[];
  readonly attention_mask: readonly number[];
  readonly token_type_ids: readonly number[];
  readonly start: number;
  readonly end: number;
}

interface Recorded {
  readonly windows: readonly {
    readonly sequence: number;
    readonly stride: number;
    readonly rows: readonly RecordedRow[];
  }[];
}

const recorded = readFixture<
  Record<"bert" | "roberta", Recorded> & { readonly questions: readonly HubRow[] }
>("questions.json");
const tokenizers = {
  bert: await recordedTokenizer("bert"),
  roberta: await recordedTokenizer("roberta"),
};

const folder = mkdtempSync(join(tmpdir(), "ligo-questions-"));
const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  const text = typeof content === "string" ? content : JSON.stringify(content);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
};

/** The rows as SQuAD 2.0 writes them. */
const squad = (rows: readonly HubRow[]): unknown => ({
  version: "v2.0",
  data: [
    {
      title: "one",
      paragraphs: [
        {
          context: rows[0]?.context,
          qas: rows.map(({ answers, id, question }) => ({
            id,
            question,
            is_impossible: answers.text.length === 0,
            answers: answers.text.map((text, index) => ({
              text,
              answer_start: answers.answer_start[index],
            })),
          })),
        },
      ],
    },
  ],
});
const lines = (rows: readonly object[]): string =>
  rows.map((row) => JSON.stringify(row)).join("\n");
const read = (path: string, skipBadRows = false): Promise<ReadQuestions> =>
  readQuestions([path], tokenizers.bert, { skipBadRows });

describe("files of questions", () => {
  it("are the same as SQuAD publishes them, as lines, gzipped, and as parquet", async () => {
    const whole = await read(file("dev.json", squad(recorded.questions)));
    expect(whole).toMatchObject({ count: 6, hasUnanswerable: true, badRows: { count: 0 } });
    const others = [
      file("dev.json.gz", squad(recorded.questions)),
      file("dev.jsonl", lines(recorded.questions)),
    ];
    for (const other of others) expect((await read(other)).sha256).toBe(whole.sha256);
    const parquet = await read(fixturePath("formats/squad.parquet"));
    expect(parquet.sha256).toBe(whole.sha256);
    const third = whole.at(2);
    expect(third.answers).toHaveLength(1);
    // behind a character of two units, which SQuAD counts as one
    const [answer] = third.answers;
    expect(third.context.text.slice(answer?.start).startsWith("Émile")).toBe(true);
  });

  it.each<[string, unknown, RegExp]>([
    ["text.txt", "no table", /text\.txt holds no questions: it is of another kind by its name/],
    ["broken.json", "{", /broken\.json holds no questions: .*JSON/],
    ["list.json", [], /list\.json holds no questions: it has no list "data"/],
    [
      "columns.jsonl",
      '{"question": "a"}',
      /has no column "context"; it has: "question"\. Questions need the columns question, context/,
    ],
    ["none.json", { data: [] }, /There is no question in ".*none\.json" \(1 file read\)/],
    ["article.json", { data: [{}] }, /data\[0\]: it has no list "paragraphs"/],
    [
      "paragraph.json",
      { data: [{ paragraphs: [{ context: "a" }] }] },
      /data\[0\]\.paragraphs\[0\]: it has no list "qas"/,
    ],
    [
      "answers.json",
      { data: [{ paragraphs: [{ context: "a", qas: [{ id: "1", question: "b" }] }] }] },
      /data\[0\]\.paragraphs\[0\]\.qas\[0\]: "answers" is null; expected a list of answers/,
    ],
    [
      "moved.jsonl",
      { id: "1", question: "b", context: "a b", answers: { text: ["b"], answer_start: [1] } },
      /line 1: the answer "b" is not at 1; expected a stretch of the context/,
    ],
    [
      "uneven.jsonl",
      { id: "1", question: "b", context: "a b", answers: { text: ["b"], answer_start: [] } },
      /line 1: "answers" has not as many "text" as "answer_start"/,
    ],
    [
      "object.jsonl",
      {
        id: "1",
        question: "b",
        context: "a b",
        answers: { text: ["b"], answer_start: [{ toString: 0 }] },
      },
      /line 1: an answer lacks its text or its start/,
    ],
    [
      "number.jsonl",
      { id: "1", question: 7, context: "a b", answers: { text: [], answer_start: [] } },
      /line 1: "question" is number; expected a string/,
    ],
  ])("%s is refused with its place", async (name, content, message) => {
    await expect(read(file(name, content))).rejects.toThrow(message);
  });

  it.each(["dev.json.gz", "dev.jsonl.gz"])(
    "%s cut off, or none by its contents, is no intact gzip",
    async (name) => {
      const content = name.endsWith(".json.gz")
        ? JSON.stringify(squad(recorded.questions))
        : lines(recorded.questions);
      const packed = gzipSync(content);
      const path = join(folder, `broken-${name}`);
      for (const bytes of [packed.subarray(0, packed.length - 9), Buffer.from(content)]) {
        writeFileSync(path, bytes);
        for (const skipBadRows of [false, true]) {
          await expect(read(path, skipBadRows)).rejects.toMatchObject({
            code: "data/bad-gzip",
            file: path,
          });
        }
      }
    },
  );

  it("names a file that cannot be read", async () => {
    const path = join(folder, "gone.json");
    symlinkSync(join(folder, "nowhere"), path);
    await expect(read(`${folder}/gone.*`)).rejects.toMatchObject({
      code: "data/unreadable",
      file: path,
    });
  });

  it("may have numbers for ids, or none: then the place is the id", async () => {
    const [one, two, three] = recorded.questions;
    const rows = [
      { ...one, id: 7 },
      { ...two, id: undefined },
      { ...three, id: null },
    ];
    const idsOf = ({ at, count }: ReadQuestions): string[] =>
      Array.from({ length: count }, (_, index) => at(index).id);
    const places = [1, 2].map((index) => `data[0].paragraphs[0].qas[${index}]`);
    const published = await read(file("ids.json", squad(rows as unknown as HubRow[])));
    expect(idsOf(published)).toEqual(["7", ...places]);
    const table = rows.map((row) => ({ ...row, id: row.id ?? null }));
    expect(idsOf(await read(file("ids.jsonl", lines(table))))).toEqual(["7", "line 2", "line 3"]);
    await expect(read(file("list.jsonl", lines([{ ...one, id: ["7"] }])))).rejects.toThrow(
      'line 1: "id" is a list; expected a string or a number',
    );
  });

  it("may begin with a byte order mark, and hold Python's numbers", async () => {
    const text = JSON.stringify(squad(recorded.questions));
    const { sha256 } = await read(file("plain.json", text));
    const numbers = text.replace('"is_impossible"', '"score":NaN,"most":-Infinity,"is_impossible"');
    expect((await read(file("python.json", `\uFEFF${numbers}`))).sha256).toBe(sha256);
  });

  it("are UTF-8", async () => {
    const path = join(folder, "wide.json");
    writeFileSync(path, JSON.stringify(squad(recorded.questions)), "utf16le");
    await expect(read(path)).rejects.toThrow("is UTF-16 (little-endian)");
    const text = JSON.stringify(squad(recorded.questions));
    writeFileSync(path, text.replace("Émile", "Emil\xe9"), "latin1");
    await expect(read(path)).rejects.toMatchObject({ code: "data/not-utf8", file: path });
  });

  it("leaves bad questions out where that is asked for, and counts them", async () => {
    const [first, ...rest] = recorded.questions;
    const moved = { ...first, answers: { text: ["King"], answer_start: [0] } };
    const found = await read(file("some-bad.jsonl", lines([moved, ...rest])), true);
    expect(found.count).toBe(5);
    expect(found.badRows).toMatchObject({ count: 1, first: [/line 1: the answer "King"/] });
  });

  it("refuses a tokenizer that does not tell where tokens are", async () => {
    const { encode } = tokenizers.bert;
    const path = file("any.jsonl", lines(recorded.questions));
    await expect(readQuestions([path], { encode, files: ["t.json"] })).rejects.toThrow(
      /The tokenizer t\.json does not say where its tokens stand/,
    );
  });

  it("are split by question, none in both parts", async () => {
    const all = await read(file("split.jsonl", lines(recorded.questions)));
    const { heldOut, train } = splitQuestions(all, { heldOut: 2, seed: 1 });
    const idsOf = (part: typeof train): string[] =>
      Array.from({ length: part.count }, (_, index) => part.at(index).id);
    expect([...idsOf(train), ...idsOf(heldOut)].sort()).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(heldOut.count).toBe(2);
  });
});

describe.each(["bert", "roberta"] as const)("windows of %s", (name) => {
  const tokenizer = tokenizers[name];
  const framing = tokenizer.framing ?? { single: [], pair: [] };
  const options = { framing, pad: tokenizer.special.pad ?? 0, vocabularySize: 60_000 };

  it.each(recorded[name].windows)(
    "are those that transformers makes, at $sequence tokens",
    async ({ rows, sequence, stride }) => {
      const path = file(`${name}.jsonl`, lines(recorded.questions));
      const questions = await readQuestions([path], tokenizer);
      const batches = answerEvaluationBatches(questions, {
        ...options,
        sequence,
        stride,
        batch: 4,
      });
      expect(batches.windows.map(({ question }) => question)).toEqual(
        rows.map(({ question }) => question),
      );
      for (const [index, expected] of rows.entries()) {
        const batch = batches.at(Math.floor(index / 4));
        const row = index % 4;
        const of = (values: Int32Array): number[] =>
          Array.from(values.subarray(row * sequence, (row + 1) * sequence));
        expect(of(batch.input_ids)).toEqual(expected.input_ids);
        expect(of(batch.attention_mask)).toEqual(expected.attention_mask);
        // that of padding is the framing's last in transformers' files, zero in its batches: nothing sees it
        expect(
          of(batch.token_type_ids).filter((_, at) => expected.attention_mask[at] === 1),
        ).toEqual(expected.token_type_ids.filter((_, at) => expected.attention_mask[at] === 1));
        expect([batch.start_positions[row], batch.end_positions[row]]).toEqual([
          expected.start,
          expected.end,
        ]);
      }
      const filled = 4 * batches.count - rows.length;
      const last = batches.at(batches.count - 1);
      expect(Array.from(last.start_positions.subarray(4 - filled))).toEqual(
        Array.from({ length: filled }, () => sequence),
      );
    },
  );

  it("are all seen once in an epoch", async () => {
    const path = file(`${name}-epoch.jsonl`, lines(recorded.questions));
    const questions = await readQuestions([path], tokenizer);
    const given = { ...options, sequence: 64, stride: 8, batch: 1, seed: 3 };
    const batches = answerBatches(questions, given);
    const seen = Array.from({ length: batches.stepsPerEpoch }, (_, step) =>
      batches.at(step).input_ids.join(),
    );
    const all = answerEvaluationBatches(questions, given);
    const expected = Array.from({ length: all.count }, (_, index) =>
      all.at(index).input_ids.join(),
    );
    expect(seen.toSorted()).toEqual(expected.toSorted());
    expect(seen).not.toEqual(expected);
    expect(batches.at(3)).toEqual(answerBatches(questions, given).at(3));
  });

  it("leave a context half of the room beside a long question, and cover all of it", async () => {
    const long = "why ".repeat(40);
    const rows = recorded.questions.map((row) => ({ ...row, question: long }));
    const questions = await readQuestions([file(`${name}-long.jsonl`, lines(rows))], tokenizer);
    const windows = answerWindows(questions, { framing, sequence: 32, stride: 30 });
    const added = framing.pair.filter((part) => "id" in part).length;
    const own = windows.filter(({ question }) => question === 0);
    expect(own[0]).toMatchObject({ kept: Math.floor((32 - added) / 2), first: 0 });
    for (const [index, { first }] of own.entries()) {
      const before = own[index - 1];
      if (before) expect(first).toBeLessThanOrEqual(before.first + before.length);
    }
    const last = own.at(-1);
    expect((last?.first ?? 0) + (last?.length ?? 0)).toBe(questions.at(0).context.ids.length);
    expect(() => answerWindows(questions, { framing, sequence: 4 })).toThrow(/sequence/);
  });
});
