import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  createTokenizer,
  readLabelledTexts,
  readQuestions,
  readTexts,
  type TextTokenizer,
} from "@ligo/data";
import { inputOf, type Input } from "../input.js";
import { repositoryFile } from "../repository.js";
import { holds, type Reader, type Target } from "../target.js";
import { wordPieces } from "./models.js";

const FORMATS = "packages/data/src/__fixtures__/formats";

const ROWS: readonly (readonly [string, string, number])[] = [
  ["the cat sees the dog", "a dog, a bird", 0],
  ['he said "hear, hear"', "caf\u00e9 \u4e2d\u6587", 1],
  ["12 , 7", "don't\u00a0", 1],
  ["", "x", 0],
  ["the bird", "the end", 1],
];
const HEADER = ["sentence1", "sentence2", "label"] as const;

const quoted = (cell: string | number): string => `"${String(cell).replaceAll('"', '""')}"`;
const csv = [HEADER, ...ROWS].map((row) => row.map(quoted).join(",")).join("\n");
const tsv = [HEADER, ...ROWS].map((row) => row.join("\t")).join("\n");
const jsonl = ROWS.map((row) =>
  JSON.stringify(Object.fromEntries(row.map((cell, index) => [HEADER[index], cell]))),
).join("\n");

const only = async (folder: string): Promise<string> =>
  join(folder, (await readdir(folder))[0] ?? "");

/** Labelled texts of a table, as its texts and numbers. */
async function readTable(path: string): Promise<unknown> {
  const seen: string[] = [];
  // texts are handed on as their code units
  const encode = (text: string): number[] => {
    seen.push(text);
    return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  };
  const labels = {
    read: (text: string) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined),
    expected: "a number",
  };
  const table = await readLabelledTexts([path], { encode }, { labels });
  holds(
    seen.length === table.count * table.width,
    () => `${seen.length} texts of ${table.count} rows with ${table.width} each`,
  );
  const rows = Array.from({ length: table.count }, (_, row) => table.label(row));
  holds(rows.every(Number.isFinite), () => "a label that is no number");
  return { texts: seen, labels: rows };
}

/** Tables of labelled texts as people write them. */
export const tables: Target = {
  name: "tables",
  weight: 20,
  async prepare() {
    const files = {
      "x.csv": csv,
      "x.tsv": tsv,
      "x.jsonl": jsonl,
      "y.csv": "label,text\n1,one\n0,two\n",
      "x.tsv.gz": gzipSync(tsv),
      "x.jsonl.gz": gzipSync(jsonl),
    };
    return Object.entries(files).map(([name, contents]) => inputOf({ [name]: contents }));
  },
  open: async () => ({ read: async (folder) => readTable(await only(folder)) }),
};

/** The texts of a file, and the rows they stand in. */
async function textsOf(path: string): Promise<readonly string[]> {
  const texts: string[] = [];
  let row = -1;
  for await (const part of readTexts([path])) {
    holds((part.row ?? row + 1) > row, () => `row ${part.row} comes after row ${row}`);
    row = part.row ?? row + 1;
    texts.push(part.text);
  }
  return texts;
}

/** Texts to learn a language from, in lines and in JSON lines. */
export const texts: Target = {
  name: "texts",
  weight: 24,
  async prepare() {
    const files = {
      "x.txt": `${tsv}\n`,
      "x.jsonl": ROWS.map(([text]) => JSON.stringify({ text })).join("\n"),
      "x.txt.gz": gzipSync(`${tsv}\n`),
    };
    return Object.entries(files).map(([name, contents]) => inputOf({ [name]: contents }));
  },
  open: async () => ({
    async read(folder) {
      const path = await only(folder);
      return { texts: await textsOf(path) };
    },
  }),
};

const WRITTEN =
  "snappy none gzip brotli zstd lz4 dictionary plain v2 large pandas binary nulls labelled squad".split(
    " ",
  );

/** The inputs of files that pyarrow wrote. */
function parquetInputs(): readonly Input[] {
  return WRITTEN.map((name) => {
    const use = name === "labelled" || name === "squad" ? name : "texts";
    return inputOf({ [`${use}.parquet`]: repositoryFile(`${FORMATS}/${name}.parquet`) });
  });
}

let tokenizer: TextTokenizer | undefined;

const questionsOf = async (path: string): Promise<unknown> => {
  tokenizer ??= createTokenizer(wordPieces());
  const questions = await readQuestions([path], tokenizer);
  const all = Array.from({ length: questions.count }, (_, index) => questions.at(index));
  for (const { answers, context, id } of all) {
    for (const { start, text } of answers) {
      holds(context.text.startsWith(text, start), () => `an answer to ${id} is not in its context`);
    }
  }
  return all.map(({ answers, context, id }) => ({ id, context: context.text, answers }));
};

/** Parquet of texts, of labelled texts and of questions. */
export const parquet: Target = {
  name: "parquet",
  weight: 16,
  prepare: async () => parquetInputs(),
  open: async (): Promise<Reader> => ({
    async read(folder) {
      const path = await only(folder);
      if (path.endsWith("labelled.parquet")) return readTable(path);
      if (path.endsWith("squad.parquet")) return { questions: await questionsOf(path) };
      return { texts: await textsOf(path) };
    },
  }),
};

const CONTEXT = "The cat sat. \u{1F600} The dog ran to Caf\u00e9 du Monde.";

const squadFile = {
  version: "v2.0",
  data: [
    {
      title: "Animals",
      paragraphs: [
        {
          context: CONTEXT,
          qas: [
            { id: "a", question: "Who sat?", answers: [{ text: "The cat", answer_start: 0 }] },
            {
              id: "b",
              question: "Who ran?",
              is_impossible: false,
              answers: [
                { text: "The dog", answer_start: 15 },
                { text: "dog", answer_start: 19 },
              ],
            },
            {
              id: "c",
              question: "Who flew?",
              is_impossible: true,
              answers: [],
              plausible_answers: [{ text: "dog", answer_start: 19 }],
            },
          ],
        },
      ],
    },
  ],
};

const squadLines = [
  {
    id: "a",
    question: "Who sat?",
    context: CONTEXT,
    answers: { text: ["The cat"], answer_start: [0] },
  },
  { id: "b", question: "Who flew?", context: CONTEXT, answers: { text: [], answer_start: [] } },
]
  .map((row) => JSON.stringify(row))
  .join("\n");

/** Questions and answers as SQuAD is published, and as the hub has it. */
export const squad: Target = {
  name: "squad",
  weight: 20,
  prepare: async () => [
    inputOf({ "x.json": squadFile }),
    inputOf({ "x.json": squadFile }),
    inputOf({ "x.jsonl": squadLines }),
  ],
  open: async () => ({ read: async (folder) => questionsOf(await only(folder)) }),
};
