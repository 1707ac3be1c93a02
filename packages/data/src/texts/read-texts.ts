import type { BadRowHandler } from "../errors/bad-rows.js";
import { checkInteger } from "../errors/check-integer.js";
import { DataError } from "../errors/data-error.js";
import { findTextFiles, type FindTextOptions } from "./find-text-files.js";
import { formatOf } from "../formats/data-format.js";
import { readJsonLines } from "../formats/read-json-lines.js";
import { readPlain } from "../formats/read-plain.js";
import { missingColumn, NAME_COLUMN, TEXT_COLUMN } from "../formats/table-text.js";
import { readTable } from "../labelled/read-table.js";
import { noData } from "../errors/no-data.js";

/** A text and the file it comes from. */
export interface TextPart {
  readonly file: string;
  readonly text: string;
  /**
   * Number of the row where the file is a table, each row of which is a document of its own: rows from 0 for parquet, lines
   * from 1 for all others. Parts of other files are one document together.
   */
  readonly row?: number;
}

/** Options of {@link readTexts}. */
export interface ReadTextOptions extends FindTextOptions {
  /** Size in bytes above which a text file comes as several texts; 1 MiB unless told otherwise. */
  readonly partBytes?: number;
  /** Column of tables (JSON lines, `.csv`, `.tsv`, parquet) that holds the texts. Default `text`. */
  readonly textColumn?: string;
  /**
   * Takes rows that cannot be used: lines that are not UTF-8 or not JSON, rows without the column or whose text is not a
   * string. They are left out. Where it is missing the first such row ends reading with its error.
   */
  readonly onBadRow?: BadRowHandler;
}

/**
 * Reads the texts that `patterns` name (see {@link findTextFiles}), in order. The name of a file tells its format: JSON lines
 * (`.jsonl`, `.ndjson`, `.json`), tables with a header (`.csv`, `.tsv`), parquet (`.parquet`), text (all others); `.gz` after
 * all but parquet means gzip. A large text file comes as several texts, cut at line ends, so that memory stays small; their
 * concatenation is the file. A byte order mark is dropped, and every line end is a newline. Of parquet some megabytes at a
 * time are in memory.
 *
 * @throws DataError `data/no-match`, `data/unreadable`, `data/not-utf8` (with line and byte offset), `data/bad-row` (with line,
 * or row group and row), `data/missing-column`, `data/bad-gzip`, `data/bad-parquet`, and `data/empty` at the end if all files
 * together hold nothing but white space.
 */
export async function* readTexts(
  patterns: readonly string[],
  options: ReadTextOptions = {},
): AsyncGenerator<TextPart, void, undefined> {
  const files = await findTextFiles(patterns, options);
  let empty = true;
  for (const file of files) {
    for await (const part of readFile(file, options)) {
      if (empty && /\S/.test(part.text)) empty = false;
      yield part;
    }
  }
  if (empty) throw noData("text", patterns, files);
}

async function* readFile(
  file: string,
  options: ReadTextOptions,
): AsyncGenerator<TextPart, void, undefined> {
  const format = formatOf(file);
  const settings = {
    partBytes: checkInteger("partBytes", options.partBytes ?? 2 ** 20, 1),
    textColumn: options.textColumn ?? TEXT_COLUMN,
    ...(options.onBadRow === undefined ? {} : { onBadRow: options.onBadRow }),
  };
  if (format.kind === "text") {
    for await (const text of readPlain(file, format, settings)) yield { file, text };
  } else if (format.kind === "json-lines") {
    for await (const row of readJsonLines(file, format, settings)) yield { file, ...row };
  } else if (format.kind === "commas" || format.kind === "tabs") {
    const choose = (held: readonly string[]): readonly string[] => {
      const { textColumn: column } = settings;
      if (held.includes(column)) return [column];
      throw missingColumn({ file, column, held, remedy: NAME_COLUMN.texts });
    };
    for await (const { cells, row } of readTable(file, { ...settings, choose })) {
      yield { file, row, text: String(cells[0]) };
    }
  } else {
    if (format.gzip) {
      throw new DataError(
        "data/bad-parquet",
        `${file} is gzipped as a whole, so that no part of it can be read; unpack it with gunzip.`,
        { file, expected: "a parquet file", actual: "gzip" },
      );
    }
    // Only who reads parquet loads its libraries.
    const { readParquet } = await import("../formats/read-parquet.js");
    for await (const row of readParquet(file, settings)) yield { file, ...row };
  }
}
