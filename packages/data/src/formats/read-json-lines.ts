import { type BadRowHandler, refuseRow } from "../bad-rows.js";
import type { DataError } from "../data-error.js";
import { type BytePart, byteParts, linesOf } from "./byte-parts.js";
import type { DataFormat } from "./data-format.js";
import { decodePart, notUtf8 } from "./decode-text.js";
import { badRow, missingColumn, typeName } from "./table-text.js";

/** A text of a table and the number of its row. */
export interface RowText {
  readonly row: number;
  readonly text: string;
}

/** Options of reading tables. */
export interface TableOptions {
  readonly partBytes: number;
  readonly textColumn: string;
  readonly onBadRow?: BadRowHandler;
}

/** Texts of a file with one JSON object a line; rows are numbered as lines are, from 1. Blank lines are skipped. */
export async function* readJsonLines(
  file: string,
  format: DataFormat,
  { partBytes, textColumn, onBadRow }: TableOptions,
): AsyncGenerator<RowText, void, undefined> {
  for await (const part of byteParts(file, format, { partBytes, wholeLines: true })) {
    for (const { text, line, error } of decodedLines(file, part)) {
      if (error !== undefined) {
        refuseRow(error, onBadRow);
        continue;
      }
      if (text.trim() === "") continue;
      const found = textOf(file, line, text, textColumn);
      if (typeof found === "string") yield { row: line, text: found };
      else refuseRow(found, onBadRow);
    }
  }
}

interface DecodedLine {
  readonly text: string;
  readonly line: number;
  readonly error?: DataError;
}

/** The lines of a part; they are decoded one by one only where one of them is not UTF-8. */
function* decodedLines(file: string, part: BytePart): Generator<DecodedLine, void, undefined> {
  const whole = decodePart(part);
  if (whole !== undefined) {
    for (const [index, text] of whole.split("\n").entries())
      yield { text, line: part.line + index };
    return;
  }
  for (const line of linesOf(part)) {
    const text = decodePart(line);
    if (text === undefined) yield { text: "", line: line.line, error: notUtf8(file, line) };
    else yield { text, line: line.line };
  }
}

function textOf(file: string, line: number, text: string, column: string): string | DataError {
  const place = `line ${line}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = `it is not JSON (${cause instanceof Error ? cause.message : String(cause)})`;
    return badRow(file, place, reason, "one JSON object a line", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const expected = "one JSON object a line (jq -c '.[]' makes lines of a list)";
    return badRow(file, place, `it is ${typeName(value)}`, expected);
  }
  if (!Object.hasOwn(value, column)) return missingColumn(file, place, column, Object.keys(value));
  const found = (value as Readonly<Record<string, unknown>>)[column];
  if (typeof found === "string") return found;
  return badRow(file, place, `"${column}" is ${typeName(found)}`, "a string");
}
