import { type BadRowHandler, refuseRow } from "../errors/bad-rows.js";
import { DataError } from "../errors/data-error.js";
import { formatOf } from "../formats/data-format.js";
import { readDelimited } from "../formats/read-delimited.js";
import { jsonObjects } from "../formats/read-json-lines.js";
import { badRow, missingColumn } from "../formats/table-text.js";
import { headerless } from "./columns.js";

/** Cells of a row in the order of the columns that were chosen, and where the row is: `line 3`. */
export interface TableRow {
  /** Its line from 1, or its number in a parquet file from 0. */
  readonly row: number;
  readonly place: string;
  readonly cells: readonly unknown[];
}

/** Extensions of tables, taken from folders. */
export const TABLE_EXTENSIONS: readonly string[] = [
  ...[".tsv", ".csv", ".jsonl", ".ndjson"].flatMap((one) => [one, `${one}.gz`]),
  ".parquet",
];

export interface ReadTableOptions {
  /** Size in bytes of the parts that a file is read in; 1 MiB unless told otherwise. */
  readonly partBytes?: number;
  /** Columns among those that a file holds; it throws where they are not there. */
  readonly choose: (held: readonly string[]) => readonly string[];
  readonly onBadRow?: BadRowHandler;
}

/** Advice where a row lacks a column that the first one has. */
const MEND_ROW = "The first row has it. Mend this one, or leave bad rows out (`skipBadRows`).";

/** Size of the parts that a file is read in. */
const PART_BYTES = 2 ** 20;

/**
 * The rows of a table, whose name tells its format: cells between tabs (`.tsv`) or commas (`.csv`), JSON lines, parquet; all
 * but the last also gzipped. Throws `data/no-table`, `data/repeated-column`, what the format's reader throws and what `choose` throws.
 */
export async function* readTable(
  file: string,
  { choose, onBadRow, partBytes = PART_BYTES }: ReadTableOptions,
): AsyncGenerator<TableRow, void, undefined> {
  const format = formatOf(file);
  const options = { partBytes, ...(onBadRow === undefined ? {} : { onBadRow }) };
  if (format.kind === "parquet") {
    // Only who reads parquet loads its libraries.
    const { parquetRows } = await import("../formats/read-parquet.js");
    for await (const { row, group, cells } of parquetRows(file, choose)) {
      yield { row, place: `row ${row} (row group ${group})`, cells };
    }
    return;
  }
  if (format.kind === "json-lines") {
    let columns: readonly string[] | undefined;
    for await (const { line, object } of jsonObjects(file, format, options)) {
      const held = Object.keys(object);
      columns ??= choose(held);
      const place = `line ${line}`;
      const absent = columns.find((column) => !Object.hasOwn(object, column));
      if (absent === undefined) {
        yield { row: line, place, cells: columns.map((column) => object[column]) };
        continue;
      }
      const error = missingColumn({ file, place, column: absent, held, remedy: MEND_ROW });
      refuseRow(error, onBadRow);
    }
    return;
  }
  if (format.kind === "text") throw noTable(file);
  let header: readonly string[] | undefined;
  let places: readonly number[] = [];
  const onBad: BadRowHandler = (error, rows) => {
    // without its first row nothing is known of a table
    refuseRow(error, header === undefined ? undefined : onBadRow, rows);
  };
  const rows = readDelimited(file, format, { ...options, onBadRow: onBad });
  for await (const { line, lines, cells } of rows) {
    if (header === undefined) {
      const columns = headerless(cells);
      header = columns ?? cells;
      places = columnPlaces(file, header, choose(header));
      if (columns === undefined) continue;
    }
    const place = `line ${line}`;
    if (cells.length === header.length) {
      yield { row: line, place, cells: places.map((one) => cells[one]) };
    } else {
      const [expected, actual] = [`${header.length} cells`, `it has ${cells.length} cells`];
      refuseRow(badRow(file, place, actual, expected), onBadRow, lines);
    }
  }
}

/** Places of columns in a header. Throws `data/repeated-column` where one of them has its name twice. */
function columnPlaces(
  file: string,
  header: readonly string[],
  columns: readonly string[],
): readonly number[] {
  const twice = columns.find((column) => header.indexOf(column) !== header.lastIndexOf(column));
  if (twice === undefined) return columns.map((column) => header.indexOf(column));
  throw new DataError(
    "data/repeated-column",
    `${file} has several columns "${twice}"; rename all but one.`,
    { file, expected: `one column "${twice}"`, actual: header.join(", ") },
  );
}

function noTable(file: string): DataError {
  const named = TABLE_EXTENSIONS.filter((one) => !one.endsWith(".gz")).join(", ");
  return new DataError(
    "data/no-table",
    `${file} is not a table by its name, and labelled texts come from tables; name one that ends in ${named}.`,
    { file, expected: "a table" },
  );
}
