import { refuseRow } from "../errors/bad-rows.js";
import { DataError } from "../errors/data-error.js";
import { openParquet, type WorkerFailure } from "../parquet/index.js";
import type { RowText, TableOptions } from "./read-json-lines.js";
import { badRow, missingColumn, NAME_COLUMN, typeName } from "./table-text.js";

/** A row of chosen columns: strings decoded where they are UTF-8, bytes where they are not. */
export interface ParquetRow {
  readonly row: number;
  readonly group: number;
  readonly cells: readonly unknown[];
}

/**
 * Texts of a parquet file, some of a row group in memory at a time; rows are numbered from 0.
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
 * The rows of a parquet file, some of a row group in memory at a time; rows are numbered from 0.
 *
 * @param choose names columns among those the file holds
 * @throws DataError `data/unreadable`, `data/bad-parquet`, and what `choose` throws
 */
export async function* parquetRows(
  file: string,
  choose: (held: readonly string[]) => readonly string[],
): AsyncGenerator<ParquetRow, void, undefined> {
  const parquet = await openParquet(file, (failure) => badParquet(file, failure));
  const columns = choose(parquet.columns);
  let row = 0;
  for await (const { group, rows } of parquet.read({ columns, text: true })) {
    for (const cells of rows) yield { row: row++, group, cells };
  }
}

function badParquet(file: string, failure: WorkerFailure): DataError {
  const { code = "", reason } = failure;
  return new DataError(
    ["ENOENT", "EACCES", "EISDIR"].includes(code) ? "data/unreadable" : "data/bad-parquet",
    `${file} cannot be read as parquet: ${reason}. Copy or download it again.`,
    { file, expected: "a parquet file", actual: reason, cause: failure },
  );
}
