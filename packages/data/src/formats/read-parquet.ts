import { brotliDecompressSync, gunzipSync } from "node:zlib";
import {
  asyncBufferFromFile,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet";
import { compressors as allCompressors } from "hyparquet-compressors";
import { refuseRow } from "../errors/bad-rows.js";
import { DataError } from "../errors/data-error.js";
import { decodeUtf8 } from "./decode-text.js";
import type { RowText, TableOptions } from "./read-json-lines.js";
import { badRow, missingColumn, NAME_COLUMN, typeName } from "./table-text.js";

/** Node's own are faster where it has them. */
const compressors: Compressors = {
  ...allCompressors,
  GZIP: (bytes) => new Uint8Array(gunzipSync(bytes)),
  BROTLI: (bytes) => new Uint8Array(brotliDecompressSync(bytes)),
};

/** Bytes of strings stay bytes, so that what is not UTF-8 is noticed. */
const parsers = { stringFromBytes: (bytes: Uint8Array | undefined): unknown => bytes };

/** A row of chosen columns: strings decoded where they are UTF-8, bytes where they are not. */
export interface ParquetRow {
  readonly row: number;
  readonly group: number;
  readonly cells: readonly unknown[];
}

/**
 * Texts of a parquet file, one row group in memory at a time; rows are numbered from 0.
 *
 * @throws DataError `data/unreadable`, `data/bad-parquet`, `data/missing-column`
 */
export async function* readParquet(
  file: string,
  { textColumn, onBadRow }: Pick<TableOptions, "textColumn" | "onBadRow">,
): AsyncGenerator<RowText, void, undefined> {
  const choose = (held: readonly string[]): readonly string[] => {
    if (held.includes(textColumn)) return [textColumn];
    throw missingColumn({ file, column: textColumn, held, remedy: NAME_COLUMN.texts });
  };
  for await (const { row, group, cells } of parquetRows(file, choose)) {
    const [text] = cells;
    if (typeof text === "string") yield { row, text };
    else {
      const what = text instanceof Uint8Array ? "not UTF-8" : typeName(text);
      const place = `row ${row} (row group ${group})`;
      refuseRow(badRow(file, place, `"${textColumn}" is ${what}`, "a string"), onBadRow);
    }
  }
}

/**
 * The rows of a parquet file, one row group in memory at a time; rows are numbered from 0.
 *
 * @param choose names columns among those the file holds
 * @throws DataError `data/unreadable`, `data/bad-parquet`, and what `choose` throws
 */
export async function* parquetRows(
  file: string,
  choose: (held: readonly string[]) => readonly string[],
): AsyncGenerator<ParquetRow, void, undefined> {
  const { buffer, metadata } = await openParquet(file);
  const columns = choose(parquetSchema(metadata).children.map(({ element }) => element.name));
  let row = 0;
  for (const [group, { num_rows: rows }] of metadata.row_groups.entries()) {
    const rowEnd = row + Number(rows);
    const values = await readColumns(buffer, metadata, columns, row, rowEnd).catch(
      (cause: unknown) => {
        throw badParquet(file, `row group ${group}: `, cause);
      },
    );
    if (values.length !== rowEnd - row) {
      const actual = `${values.length} of ${rowEnd - row} rows`;
      throw badParquet(file, `row group ${group}: `, new Error(`it holds ${actual}`));
    }
    for (const cells of values) yield { row: row++, group, cells };
  }
}

async function openParquet(
  file: string,
): Promise<{ readonly buffer: AsyncBuffer; readonly metadata: FileMetaData }> {
  try {
    const buffer = await asyncBufferFromFile(file);
    return { buffer, metadata: await parquetMetadataAsync(buffer) };
  } catch (cause) {
    throw badParquet(file, "", cause);
  }
}

async function readColumns(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
  rowStart: number,
  rowEnd: number,
): Promise<readonly (readonly unknown[])[]> {
  const rows = await parquetReadObjects({
    file,
    metadata,
    columns: [...columns],
    rowStart,
    rowEnd,
    utf8: false,
    compressors,
    parsers,
  });
  return rows.map((one) => columns.map((column) => decoded(one[column])));
}

function decoded(value: unknown): unknown {
  if (value instanceof Uint8Array) return decodeUtf8(value) ?? value;
  if (Array.isArray(value)) return value.map(decoded);
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decoded(inner)]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function badParquet(file: string, place: string, cause: unknown): DataError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  return new DataError(
    code === "ENOENT" || code === "EACCES" || code === "EISDIR"
      ? "data/unreadable"
      : "data/bad-parquet",
    `${file} cannot be read as parquet: ${place}${reason}. Copy or download it again.`,
    { file, expected: "a parquet file", actual: `${place}${reason}`, cause },
  );
}
