import { parseJson } from "@ligo/core/json";
import { type BadRowHandler, refuseRow } from "../errors/bad-rows.js";
import type { DataError } from "../errors/data-error.js";
import type { DataFormat } from "./data-format.js";
import { badRow, missingColumn, NAME_COLUMN, typeName } from "./table-text.js";
import { textLines, type TextLinesOptions } from "./text-lines.js";

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

/** A JSON object of a file and the line it is in. */
export interface JsonLine {
  readonly line: number;
  readonly object: Readonly<Record<string, unknown>>;
}

/** Texts of a file with one JSON object a line; rows are numbered as lines are, from 1. Blank lines are skipped. */
export async function* readJsonLines(
  file: string,
  format: DataFormat,
  { textColumn, ...options }: TableOptions,
): AsyncGenerator<RowText, void, undefined> {
  for await (const { line, object } of jsonObjects(file, format, options)) {
    const found = textOf(file, line, object, textColumn);
    if (typeof found === "string") yield { row: line, text: found };
    else refuseRow(found, options.onBadRow);
  }
}

/** The objects of a file with one JSON object a line. Blank lines are skipped; anything else than an object is a bad row. */
export async function* jsonObjects(
  file: string,
  format: DataFormat,
  options: TextLinesOptions,
): AsyncGenerator<JsonLine, void, undefined> {
  for await (const lines of textLines(file, format, options)) {
    for (const { text, line } of lines) {
      if (text.trim() === "") continue;
      const found = objectOf(file, line, text);
      if ("object" in found) yield found;
      else refuseRow(found, options.onBadRow);
    }
  }
}

function objectOf(file: string, line: number, text: string): JsonLine | DataError {
  const place = `line ${line}`;
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    const reason = `it is not JSON (${cause instanceof Error ? cause.message : String(cause)})`;
    return badRow(file, place, reason, "one JSON object a line", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const expected = "one JSON object a line (jq -c '.[]' makes lines of a list)";
    return badRow(file, place, `it is ${typeName(value)}`, expected);
  }
  return { line, object: value as Readonly<Record<string, unknown>> };
}

function textOf(
  file: string,
  line: number,
  object: JsonLine["object"],
  column: string,
): string | DataError {
  const place = `line ${line}`;
  if (!Object.hasOwn(object, column)) {
    const held = Object.keys(object);
    return missingColumn({ file, place, column, held, remedy: NAME_COLUMN.texts });
  }
  const found = object[column];
  if (typeof found === "string") return found;
  return badRow(file, place, `"${column}" is ${typeName(found)}`, "a string");
}
