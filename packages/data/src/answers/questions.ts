import { createHash } from "node:crypto";
import { parseJson } from "@ligo/core/json";
import { type BadRowHandler, type BadRows, createBadRows, refuseRow } from "../errors/bad-rows.js";
import { DataError } from "../errors/data-error.js";
import { findFiles, type LeftOutFile } from "../texts/find-text-files.js";
import { readBytes } from "../formats/byte-reader.js";
import { formatOf } from "../formats/data-format.js";
import { notUtf8, withoutMark } from "../formats/decode-text.js";
import { decodeUtf8 } from "../formats/decode-utf8.js";
import { badRow, missingColumn, typeName } from "../formats/table-text.js";
import { checkEncoding } from "../formats/wide-encoding.js";
import { readTable } from "../labelled/read-table.js";
import { noData } from "../errors/no-data.js";
import { splitExamples, type SplitExamples, type SplitOptions } from "../blocks/split-blocks.js";
import { bytesOf, largestOf } from "../tokens/token-store.js";
import type { TextTokenizer } from "../tokenizer/tokenizer.js";

/** A stretch of a context that answers a question. */
export interface Answer {
  readonly text: string;
  /** Its start in the context, in UTF-16 units. */
  readonly start: number;
}

/** The text that answers are looked for in, as tokens and where these stand in it. */
export interface AnswerContext {
  readonly text: string;
  readonly ids: Int32Array;
  /** In UTF-16 units. */
  readonly starts: Int32Array;
  /** Exclusive. */
  readonly ends: Int32Array;
}

/** A question about a context, and the answers people gave; none where the context holds none. */
export interface Question {
  /** Its id in the file, a number as text; its place where it has none: `data[0].paragraphs[0].qas[2]`, `line 3`. */
  readonly id: string;
  readonly ids: Int32Array;
  readonly context: AnswerContext;
  readonly answers: readonly Answer[];
}

/** Questions as tokens. */
export interface Questions {
  readonly count: number;
  /** Largest id of a token; -1 where there is none. */
  readonly largest: number;
  /** Whether there are questions that have no answer. */
  readonly hasUnanswerable: boolean;
  at(index: number): Question;
}

/** Questions as they were read. */
export interface ReadQuestions extends Questions {
  readonly badRows: BadRows;
  /** Files of folders that were left out. */
  readonly leftOut: readonly LeftOutFile[];
  /** SHA-256 of tokens and answers, in hexadecimal. */
  readonly sha256: string;
}

/** Options of {@link readQuestions}. */
export interface QuestionOptions {
  /** Leave out questions that cannot be used instead of ending with an error; they are counted in `badRows`. Default false. */
  readonly skipBadRows?: boolean;
}

/** Extensions taken from folders. */
const EXTENSIONS: readonly string[] = [
  ...[".json", ".jsonl", ".ndjson"].flatMap((one) => [one, `${one}.gz`]),
  ".parquet",
];

/** Columns of tables, as those of SQuAD on the Hugging Face hub. */
const COLUMNS = ["question", "context", "answers"] as const;
const NEEDED = `Questions need the columns ${COLUMNS.join(", ")}.`;

type Json = Readonly<Record<string, unknown>>;

/** A question as a file has it, unchecked; starts of answers in code points. */
interface RawQuestion {
  readonly file: string;
  readonly place: string;
  readonly id: unknown;
  readonly question: unknown;
  readonly context: unknown;
  /** Texts and starts; or what is there in their place. */
  readonly answers: readonly { readonly text: unknown; readonly start: unknown }[] | string;
}

/**
 * Reads and tokenises questions from the files that `patterns` name (see `findTextFiles`): SQuAD's `.json`, versions 1.1 and
 * 2.0, or tables with the columns that SQuAD has on the Hugging Face hub (`.jsonl`, `.parquet`). All are in memory, a
 * context once for the questions that follow each other.
 *
 * @throws DataError `data/bad-row` (with its place) for questions without text or whose answer is not where it is said to
 * be, `data/no-questions` for files of another kind, `data/unreadable`, `data/bad-gzip`, `data/bad-parquet`,
 * `data/missing-column`, `data/no-places` for tokenizers that cannot say where a token stands, `data/empty`
 */
export async function readQuestions(
  patterns: readonly string[],
  tokenizer: Pick<TextTokenizer, "encode" | "encodePlaced" | "files">,
  { skipBadRows }: QuestionOptions = {},
): Promise<ReadQuestions> {
  const { badRows, onBadRow } = createBadRows();
  const skipping = skipBadRows === true ? onBadRow : undefined;
  const { encodePlaced } = tokenizer;
  if (encodePlaced === undefined) throw noPlaces(tokenizer.files[0]);
  const hash = createHash("sha256");
  const found: Question[] = [];
  let context: AnswerContext | undefined;
  const { files, leftOut } = await findFiles(patterns, { extensions: EXTENSIONS });
  for await (const raw of rawQuestions(files, skipping)) {
    const checked = checkQuestion(raw);
    if (checked instanceof DataError) {
      refuseRow(checked, skipping);
      continue;
    }
    if (context?.text !== checked.context) {
      const placed = encodePlaced(checked.context);
      if (placed === undefined) {
        const reason = "the tokens of its context cannot be placed in it";
        refuseRow(badRow(raw.file, raw.place, reason, "text that is made of its tokens"), skipping);
        continue;
      }
      context = {
        text: checked.context,
        ids: Int32Array.from(placed.ids),
        starts: Int32Array.from(placed.starts),
        ends: Int32Array.from(placed.ends),
      };
      hash.update(bytesOf(context.ids));
    }
    const { answers, id } = checked;
    // as transformers' own script does: some of SQuAD's questions begin with many blanks
    const ids = Int32Array.from(tokenizer.encode(checked.question.trimStart()));
    hash.update(bytesOf(ids)).update(JSON.stringify([id, answers]));
    found.push({ id, ids, context, answers });
  }
  if (found.length === 0) throw noData("question", patterns, files, badRows());
  return { ...questionsOf(found), badRows: badRows(), leftOut, sha256: hash.digest("hex") };
}

function questionsOf(list: readonly Question[]): Questions {
  return {
    count: list.length,
    largest: list.reduce(
      (most, { context, ids }, index) =>
        Math.max(
          most,
          largestOf(ids),
          list[index - 1]?.context === context ? -1 : largestOf(context.ids),
        ),
      -1,
    ),
    hasUnanswerable: list.some(({ answers }) => answers.length === 0),
    at: (index) => list[index] as Question,
  };
}

/** Questions to learn from and questions to judge by; none is in both. Throws as `splitBlocks` does. */
export function splitQuestions(
  questions: Questions,
  options: SplitOptions,
): SplitExamples<Questions> {
  return splitExamples(questions.count, options, "question", (places) =>
    questionsOf(Array.from(places, (place) => questions.at(place))),
  );
}

async function* rawQuestions(
  files: readonly string[],
  onBadRow: BadRowHandler | undefined,
): AsyncGenerator<RawQuestion, void, undefined> {
  for (const file of files) {
    if (/\.json(\.gz)?$/iu.test(file)) yield* squadQuestions(file, await readJson(file), onBadRow);
    else if (!["json-lines", "parquet"].includes(formatOf(file).kind))
      throw noQuestions(file, "it is of another kind by its name");
    else yield* tableQuestions(file, onBadRow);
  }
}

async function readJson(file: string): Promise<unknown> {
  const bytes = await readBytes(file, formatOf(file).gzip);
  checkEncoding(file, bytes);
  const text = decodeUtf8(bytes);
  if (text === undefined) throw notUtf8(file, { bytes, offset: 0, line: 1 });
  try {
    return parseJson(withoutMark(text));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw noQuestions(file, `it is not JSON (${reason})`, cause);
  }
}

/** The questions of a file in SQuAD's own form: `{ data: [{ paragraphs: [{ context, qas: [...] }] }] }`. */
function* squadQuestions(
  file: string,
  content: unknown,
  onBadRow: BadRowHandler | undefined,
): Generator<RawQuestion, void, undefined> {
  const articles = listIn(content, "data");
  if (articles === undefined) throw noQuestions(file, 'it has no list "data"');
  for (const [number, article] of articles.entries()) {
    const place = `data[${number}]`;
    const paragraphs = listIn(article, "paragraphs");
    if (paragraphs === undefined) {
      refuseRow(badRow(file, place, 'it has no list "paragraphs"', "an article"), onBadRow);
      continue;
    }
    for (const [index, paragraph] of paragraphs.entries()) {
      const inside = `${place}.paragraphs[${index}]`;
      const asked = listIn(paragraph, "qas");
      if (asked === undefined) {
        refuseRow(badRow(file, inside, 'it has no list "qas"', "a paragraph"), onBadRow);
        continue;
      }
      for (const [which, one] of asked.entries()) {
        const { answers, id, is_impossible: impossible, question } = (one ?? {}) as Json;
        const list = impossible === true ? [] : listOf(answers);
        yield {
          file,
          place: `${inside}.qas[${which}]`,
          id,
          question,
          context: (paragraph as Json)["context"],
          answers:
            list === undefined
              ? `"answers" is ${typeName(answers)}`
              : list.map((given) => {
                  const { answer_start: start, text } = (given ?? {}) as Json;
                  return { text, start };
                }),
        };
      }
    }
  }
}

/** The questions of a table, whose `answers` hold a list of texts and one of starts. */
async function* tableQuestions(
  file: string,
  onBadRow: BadRowHandler | undefined,
): AsyncGenerator<RawQuestion, void, undefined> {
  let hasId = false;
  const choose = (held: readonly string[]): readonly string[] => {
    const absent = COLUMNS.find((column) => !held.includes(column));
    if (absent !== undefined) throw missingColumn({ file, column: absent, held, remedy: NEEDED });
    hasId = held.includes("id");
    return hasId ? [...COLUMNS, "id"] : COLUMNS;
  };
  const handler = onBadRow === undefined ? {} : { onBadRow };
  for await (const { place, cells } of readTable(file, { choose, ...handler })) {
    const [question, context, answers, id] = cells;
    const [texts, starts] = ["text", "answer_start"].map((key) => listIn(answers, key));
    const fits = texts !== undefined && starts?.length === texts.length;
    yield {
      file,
      place,
      id: hasId ? id : place,
      question,
      context,
      answers: fits
        ? texts.map((text, index) => ({ text, start: wholeNumber(starts[index]) }))
        : '"answers" has not as many "text" as "answer_start"',
    };
  }
}

/** An integer of 64 bits as a number; other values as they are. */
const wholeNumber = (value: unknown): unknown =>
  typeof value === "bigint" ? Number(value) : value;

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? (value as readonly unknown[]) : undefined;
}

function listIn(value: unknown, key: string): readonly unknown[] | undefined {
  return typeof value === "object" && value !== null ? listOf((value as Json)[key]) : undefined;
}

interface CheckedQuestion {
  readonly id: string;
  readonly question: string;
  readonly context: string;
  readonly answers: readonly Answer[];
}

function checkQuestion(raw: RawQuestion): CheckedQuestion | DataError {
  const { answers, context, file, place, question } = raw;
  const bad = (reason: string, expected: string): DataError =>
    badRow(file, place, reason, expected);
  for (const [name, value] of Object.entries({ question, context })) {
    if (typeof value !== "string") return bad(`"${name}" is ${typeName(value)}`, "a string");
  }
  const id = idText(raw.id, place);
  if (id === undefined) return bad(`"id" is ${typeName(raw.id)}`, "a string or a number");
  if (typeof answers === "string") return bad(answers, "a list of answers");
  const [text, found] = [context as string, [] as Answer[]];
  for (const answer of answers) {
    if (typeof answer.text !== "string" || !Number.isSafeInteger(answer.start)) {
      return bad("an answer lacks its text or its start", "a string and a number");
    }
    const start = unitOf(text, answer.start as number);
    if (start < 0 || answer.text === "" || !text.startsWith(answer.text, start)) {
      const said = JSON.stringify(answer.text);
      return bad(
        `the answer ${said} is not at ${String(answer.start)}`,
        "a stretch of the context",
      );
    }
    found.push({ text: answer.text, start });
  }
  return { id, question: question as string, context: text, answers: found };
}

/** An id as text, as transformers has it; where there is none, the place. */
function idText(id: unknown, place: string): string | undefined {
  if (id === undefined || id === null) return place;
  return typeof id === "string" || typeof id === "number" || typeof id === "bigint"
    ? String(id)
    : undefined;
}

/** The UTF-16 unit of a code point; -1 beyond the text. */
function unitOf(text: string, point: number): number {
  if (point < 0) return -1;
  // few texts have characters of two units
  if (!/[\u{10000}-\u{10FFFF}]/u.test(text)) return point;
  let unit = 0;
  for (let passed = 0; passed < point; passed++) {
    const code = text.codePointAt(unit);
    if (code === undefined) return -1;
    unit += code > 0xff_ff ? 2 : 1;
  }
  return unit;
}

function noPlaces(file: string | undefined): DataError {
  return new DataError(
    "data/no-places",
    `The tokenizer ${file ?? ""} does not say where its tokens stand in a text, so no answer can be found by them. ` +
      "Use a model whose tokenizer is BERT's or byte-level BPE.",
    { file, expected: "BERT's word pieces, or byte-level BPE without a normaliser" },
  );
}

function noQuestions(file: string, reason: string, cause?: unknown): DataError {
  return new DataError(
    "data/no-questions",
    `${file} holds no questions: ${reason}. Name a .json as SQuAD is published, or a .jsonl or .parquet with the columns ` +
      `${COLUMNS.join(", ")}.`,
    { file, expected: "questions", actual: reason, cause },
  );
}
