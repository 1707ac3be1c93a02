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
import { refuseRow } from "../bad-rows.js";
import { DataError } from "../data-error.js";
import { decodeUtf8 } from "./decode-text.js";
import type { RowText, TableOptions } from "./read-json-lines.js";
import { badRow, missingColumn, typeName } from "./table-text.js";

/** Node's own are faster where it has them. */
const compressors: Compressors = {
  ...allCompressors,
  GZIP: (bytes) => new Uint8Array(gunzipSync(bytes)),
  BROTLI: (bytes) => new Uint8Array(brotliDecompressSync(bytes)),
};

/** Bytes of strings stay bytes, so that what is not UTF-8 is noticed. */
const parsers = { stringFromBytes: (bytes: Uint8Array | undefined): unknown => bytes };

/**
 * Texts of a parquet file, one row group in memory at a time; rows are numbered from 0.
 *
 * @throws DataError `data/unreadable`, `data/bad-parquet`, `data/missing-column`
 */
export async function* readParquet(
  file: string,
  { textColumn, onBadRow }: Pick<TableOptions, "textColumn" | "onBadRow">,
): AsyncGenerator<RowText, void, undefined> {
  const { buffer, metadata } = await openParquet(file);
  const held = parquetSchema(metadata).children.map(({ element }) => element.name);
  if (!held.includes(textColumn)) throw missingColumn(file, "", textColumn, held);
  let row = 0;
  for (const [group, { num_rows: rows }] of metadata.row_groups.entries()) {
    const rowEnd = row + Number(rows);
    const values = await readColumn(buffer, metadata, textColumn, row, rowEnd).catch(
      (cause: unknown) => {
        throw badParquet(file, `row group ${group}: `, cause);
      },
    );
    if (values.length !== rowEnd - row) {
      const actual = `${values.length} of ${rowEnd - row} rows`;
      throw badParquet(file, `row group ${group}: `, new Error(`it holds ${actual}`));
    }
    for (const value of values) {
      const text = value instanceof Uint8Array ? decodeUtf8(value) : value;
      if (typeof text === "string") yield { row, text };
      else {
        const what = value instanceof Uint8Array ? "not UTF-8" : typeName(value);
        const place = `row ${row} (row group ${group})`;
        refuseRow(badRow(file, place, `"${textColumn}" is ${what}`, "a string"), onBadRow);
      }
      row++;
    }
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

async function readColumn(
  file: AsyncBuffer,
  metadata: FileMetaData,
  column: string,
  rowStart: number,
  rowEnd: number,
): Promise<readonly unknown[]> {
  const rows = await parquetReadObjects({
    file,
    metadata,
    columns: [column],
    rowStart,
    rowEnd,
    utf8: false,
    compressors,
    parsers,
  });
  return rows.map((one) => one[column] as unknown);
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
