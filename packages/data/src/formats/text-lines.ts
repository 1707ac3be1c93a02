import { type BadRowHandler, refuseRow } from "../errors/bad-rows.js";
import type { DataError } from "../errors/data-error.js";
import { type BytePart, byteParts, linesOf } from "./byte-parts.js";
import type { DataFormat } from "./data-format.js";
import { decodePart, notUtf8 } from "./decode-text.js";

/** A line without its end, and its number from 1. */
export interface TextLine {
  readonly text: string;
  readonly line: number;
}

/** Options of reading lines. */
export interface TextLinesOptions {
  readonly partBytes: number;
  readonly onBadRow?: BadRowHandler;
}

/** The lines of a file, some at a time: a turn of the event loop a line takes longer than the line. One that is not UTF-8 is a bad row. */
export async function* textLines(
  file: string,
  format: Pick<DataFormat, "gzip">,
  { partBytes, onBadRow }: TextLinesOptions,
): AsyncGenerator<Iterable<TextLine>, void, undefined> {
  for await (const part of byteParts(file, format, { partBytes, wholeLines: true })) {
    yield goodLines(decodedLines(file, part), onBadRow);
  }
}

function* goodLines(
  lines: Iterable<TextLine & { readonly error?: DataError }>,
  onBadRow: BadRowHandler | undefined,
): Generator<TextLine, void, undefined> {
  for (const line of lines) {
    if (line.error === undefined) yield line;
    else refuseRow(line.error, onBadRow);
  }
}

/** The lines of a part; they are decoded one by one only where one of them is not UTF-8. */
function* decodedLines(
  file: string,
  part: BytePart,
): Generator<TextLine & { readonly error?: DataError }, void, undefined> {
  const whole = decodePart(part);
  if (whole !== undefined) {
    const lines = whole.split("\n");
    // the rest after the last line end is not a line
    if (lines.at(-1) === "") lines.pop();
    for (const [index, text] of lines.entries()) yield { text, line: part.line + index };
    return;
  }
  for (const line of linesOf(part)) {
    const text = decodePart(line);
    if (text === undefined) yield { text: "", line: line.line, error: notUtf8(file, line) };
    else yield { text: text.replace(/\n$/, ""), line: line.line };
  }
}
