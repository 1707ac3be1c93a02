import { DataError } from "../errors/data-error.js";

/** Column of texts unless told otherwise. */
export const TEXT_COLUMN = "text";

/** Advice where the columns of a table have other names than those looked for. */
export const NAME_COLUMN = {
  texts: "Name the column of the texts (`textColumn`).",
  labels: "Name the column of the labels (`labelColumn`).",
} as const;

/** Description of a column that is not there. */
export interface MissingColumn {
  readonly file: string;
  /** The row that lacks it: `line 3`. Absent where all of the table does. */
  readonly place?: string;
  /** Its name, or what it would hold where it may have one of several. */
  readonly column: string | { readonly holding: string };
  /** The columns there are. */
  readonly held: readonly string[];
  /** Advice. */
  readonly remedy: string;
}

/** `data/missing-column`: a table, or a row of one, lacks a column. */
export function missingColumn({ file, place, column, held, remedy }: MissingColumn): DataError {
  const columns = held.map((one) => JSON.stringify(one)).join(", ") || "none";
  const wanted =
    typeof column === "string"
      ? `column "${column}"`
      : `column that is known to hold ${column.holding}`;
  return new DataError(
    "data/missing-column",
    `${file}${place === undefined ? "" : `, ${place},`} has no ${wanted}; it has: ${columns}. ${remedy}`,
    { file, expected: `a ${wanted}`, actual: columns },
  );
}

/** A row cannot be used. */
export function badRow(
  file: string,
  place: string,
  reason: string,
  expected: string,
  cause?: unknown,
): DataError {
  return new DataError("data/bad-row", `${file}, ${place}: ${reason}; expected ${expected}.`, {
    file,
    expected,
    actual: `${place}: ${reason}`,
    cause,
  });
}

/** Names the type of a value in the words of JSON. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return "null";
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : typeof value;
}
