import { DataError } from "../data-error.js";

/** Column of texts unless told otherwise. */
export const TEXT_COLUMN = "text";

/** A table lacks the column of texts. */
export function missingColumn(
  file: string,
  place: string,
  column: string,
  held: readonly string[],
): DataError {
  const columns = held.map((one) => JSON.stringify(one)).join(", ") || "none";
  return new DataError(
    "data/missing-column",
    `${file}${place === "" ? "" : `, ${place},`} has no column "${column}"; it has: ${columns}. ` +
      "Name the column that holds the text (--text-column on the command line).",
    { file, expected: `a column "${column}"`, actual: columns },
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
