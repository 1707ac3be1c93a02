import { createHash } from "node:crypto";
import { type BadRows, createBadRows, refuseRow } from "../errors/bad-rows.js";
import { DataError } from "../errors/data-error.js";
import { findFiles, type FoundFiles, type LeftOutFile } from "../texts/find-text-files.js";
import { noData } from "../errors/no-data.js";
import { splitExamples, type SplitExamples, type SplitOptions } from "../blocks/split-blocks.js";
import { bytesOf, largestOf } from "../tokens/token-store.js";
import { createTokenStream } from "../tokens/token-stream.js";
import type { TextTokenizer } from "../tokenizer/tokenizer.js";
import type { ColumnOptions } from "./columns.js";
import { labelledRows, noLabels, unlabelled, type LabelledRow } from "./label-rows.js";
import { isMinusOne, isNoLabel } from "./no-label.js";
import { TABLE_EXTENSIONS } from "./read-table.js";

/** Texts or pairs of texts as tokens, each with a label. */
export interface LabelledTexts {
  readonly count: number;
  /** Texts of an example: 1, or 2 of a pair. */
  readonly width: 1 | 2;
  /** Largest id of a token; -1 where there is none. */
  readonly largest: number;
  /** Token ids of the texts of an example, without special tokens. */
  tokens(example: number): readonly Int32Array[];
  /** Class or number of an example. */
  label(example: number): number;
}

/** Meaning of a label's text: a class or a number; `undefined` where it is neither. */
export interface LabelReader {
  read(text: string): number | undefined;
  /** Labels that `read` understands, in words for messages. */
  readonly expected: string;
}

/** Options of {@link readLabelledTexts}. */
export interface LabelledTextOptions extends ColumnOptions {
  readonly labels: LabelReader;
  /** Leave out rows that cannot be used instead of ending with an error; they are counted in `badRows`. Default false. */
  readonly skipBadRows?: boolean;
}

/** Labelled texts as they were read. */
export interface ReadLabelledTexts extends LabelledTexts {
  /** Rows that were left out: those without a label, and with `skipBadRows` those that cannot be used. */
  readonly badRows: BadRows;
  /** Files of folders that were left out. */
  readonly leftOut: readonly LeftOutFile[];
  /** SHA-256 of tokens and labels, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Reads and tokenises labelled texts from the tables that `patterns` name (see `findTextFiles`; a folder gives its `.tsv`,
 * `.csv`, `.jsonl`, `.ndjson` and `.parquet`). Columns are those named, else those that GLUE has. Rows whose label stands for
 * none (null, NaN, an empty cell, `-`, `n/a`, ..., and -1 where that is no class and no number) are left out and counted. All
 * tokens are in memory.
 *
 * @throws DataError `data/missing-column`, `data/bad-row` and `data/bad-label` (each with line or row), `data/no-table`,
 * `data/mixed-columns` where some files hold single texts and others pairs, `data/no-label` where no row has one, `data/empty`
 */
export async function readLabelledTexts(
  patterns: readonly string[],
  tokenizer: Pick<TextTokenizer, "encode">,
  { labels: reader, skipBadRows, ...columns }: LabelledTextOptions,
): Promise<ReadLabelledTexts> {
  const { badRows, onBadRow } = createBadRows();
  const skipping = skipBadRows === true ? onBadRow : undefined;
  const stream = createTokenStream(undefined);
  const starts: number[] = [0];
  const labels: number[] = [];
  let end = 0;
  let width: number | undefined;
  let without: LabelledRow | undefined;
  const { files, leftOut } = await findTables(patterns);
  for await (const row of labelledRows(files, columns, skipping)) {
    const { file, place, texts, label } = row;
    // a class may have any other name
    const value = label === "" ? undefined : reader.read(label);
    if (value === undefined && (isNoLabel(label) || isMinusOne(label))) {
      without ??= row;
      onBadRow(unlabelled(row));
      continue;
    }
    if (value === undefined) {
      refuseRow(badLabel(file, place, label, reader), skipping);
      continue;
    }
    width ??= texts.length;
    if (texts.length !== width) throw mixedColumns(file, width, texts.length);
    for (const text of texts) {
      const ids = tokenizer.encode(text);
      stream.push(ids);
      end += ids.length;
      starts.push(end);
    }
    labels.push(value);
  }
  if (labels.length === 0) {
    throw without === undefined
      ? noData("labelled text", patterns, files, badRows())
      : noLabels(without);
  }
  const tokens = stream.tokens();
  const texts = width === 2 ? 2 : 1;
  const numbers = Float64Array.from(labels);
  const hash = createHash("sha256")
    .update(bytesOf(tokens))
    .update(bytesOf(Int32Array.from(starts)));
  hash.update(new Uint8Array(numbers.buffer));
  return {
    count: labels.length,
    width: texts,
    largest: largestOf(tokens),
    tokens: (example) =>
      Array.from({ length: texts }, (_, text) => {
        const place = example * texts + text;
        return tokens.subarray(starts[place], starts[place + 1]);
      }),
    label: (example) => numbers[example] ?? Number.NaN,
    badRows: badRows(),
    leftOut,
    sha256: hash.digest("hex"),
  };
}

/** The tables that patterns name. */
export function findTables(patterns: readonly string[]): Promise<FoundFiles> {
  return findFiles(patterns, { extensions: TABLE_EXTENSIONS });
}

function badLabel(
  file: string,
  place: string,
  label: string,
  { expected }: LabelReader,
): DataError {
  return new DataError(
    "data/bad-label",
    `${file}, ${place}: the label is ${JSON.stringify(label)}; expected ${expected}.`,
    { file, expected, actual: `${place}: ${label}` },
  );
}

function mixedColumns(file: string, before: number, now: number): DataError {
  const words = (texts: number): string => (texts === 2 ? "pairs of texts" : "single texts");
  return new DataError(
    "data/mixed-columns",
    `${file} holds ${words(now)}, a file before it ${words(before)}. Name the columns (\`textColumn\`).`,
    { file, expected: words(before), actual: words(now) },
  );
}

/** Examples to learn from and examples to judge by; none is in both. Throws as `splitBlocks` does. */
export function splitTexts(
  texts: LabelledTexts,
  options: SplitOptions,
): SplitExamples<LabelledTexts> {
  return splitExamples(texts.count, options, "text", (places) => ({
    ...texts,
    count: places.length,
    tokens: (example) => texts.tokens(places[example] ?? 0),
    label: (example) => texts.label(places[example] ?? 0),
  }));
}
