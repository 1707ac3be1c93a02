import { refuseRow } from "../errors/bad-rows.js";
import { badRow } from "./table-text.js";
import { textLines, type TextLinesOptions } from "./text-lines.js";
import type { DataFormat } from "./data-format.js";

/** A row of a table of text: its cells, the line it begins in, and how many lines it has. */
export interface DelimitedRow {
  readonly line: number;
  readonly lines: number;
  readonly cells: readonly string[];
}

/**
 * The rows of a table of text, the header among them. Cells between tabs are taken as they are, quotes included (as GLUE has
 * them). Between commas they are as in RFC 4180: a cell that begins with a quote may hold commas, line ends and doubled quotes;
 * elsewhere a quote stands for itself. Blank lines are skipped. A row that is no such row is a bad one, as many times as it has
 * lines: all up to the end of the file where a quote is never closed.
 */
export async function* readDelimited(
  file: string,
  format: DataFormat,
  options: TextLinesOptions,
): AsyncGenerator<DelimitedRow, void, undefined> {
  let open: OpenRow | undefined;
  for await (const lines of textLines(file, format, options)) {
    for (const { text, line } of lines) {
      if (open === undefined && text === "") continue;
      if (format.kind === "tabs") {
        yield { line, lines: 1, cells: text.split("\t") };
        continue;
      }
      open ??= { line, lines: 0, cells: [], quoted: undefined, characters: 0, fault: undefined };
      if (!takeLine(open, text)) continue;
      if (open.fault === undefined) yield open;
      else refuseOpen(file, open, open.fault, options);
      open = undefined;
    }
  }
  if (open !== undefined) refuseOpen(file, open, open.fault ?? neverClosed(open), options);
}

const neverClosed = ({ lines }: OpenRow): string =>
  lines === 1
    ? "a quote is opened and never closed"
    : `a quote is opened and never closed, so that the ${lines - 1} lines behind it are no rows`;

/** A row of which more lines may come. */
interface OpenRow {
  readonly line: number;
  lines: number;
  readonly cells: string[];
  /** Parts of a cell whose quote is open. */
  quoted: string[] | undefined;
  /** Characters of all lines. */
  characters: number;
  /** Reason why it is a bad row. */
  fault: string | undefined;
}

/** Characters of a row that spans lines, at most: more are a quote that was not meant to open a cell. */
const MOST_CHARACTERS = 2 ** 27;

/** Adds a line to a row; returns whether the row is complete. Linear in the length of the line. */
function takeLine(row: OpenRow, text: string): boolean {
  row.lines++;
  row.characters += text.length + 1;
  if (row.characters > MOST_CHARACTERS && row.quoted !== undefined) {
    row.fault ??= `a quote is opened and not closed within ${MOST_CHARACTERS} characters`;
    row.quoted.length = 0;
  }
  // the place where the next cell begins; behind the end of the line where the row is complete
  let at: number | undefined = row.quoted === undefined ? 0 : quotedCell(row, row.quoted, text, 0);
  while (at !== undefined && at <= text.length) {
    at = text[at] === '"' ? quotedCell(row, [], text, at + 1) : plainCell(row, text, at);
  }
  return at !== undefined;
}

/** Takes a cell without quotes, and returns the place behind its comma. */
function plainCell({ cells }: OpenRow, text: string, start: number): number {
  const end = cellEnd(text, start);
  cells.push(text.slice(start, end));
  return end + 1;
}

/** Takes a cell from inside its quotes, and returns the place behind its comma; `undefined` where the line ends before the quote. */
function quotedCell(
  row: OpenRow,
  parts: string[],
  text: string,
  start: number,
): number | undefined {
  let at = start;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) {
      parts.push(text.slice(at), "\n");
      row.quoted = parts;
      return undefined;
    }
    parts.push(text.slice(at, quote));
    at = quote + 1;
    if (text[at] !== '"') break;
    parts.push('"');
    at++;
  }
  const end = cellEnd(text, at);
  if (end > at) row.fault ??= "there is something between a closing quote and the next comma";
  row.quoted = undefined;
  row.cells.push(parts.join(""));
  return end + 1;
}

function cellEnd(text: string, start: number): number {
  const comma = text.indexOf(",", start);
  return comma < 0 ? text.length : comma;
}

function refuseOpen(
  file: string,
  { line, lines }: OpenRow,
  reason: string,
  { onBadRow }: TextLinesOptions,
): void {
  const expected = "quotes in pairs around a cell, those within it doubled";
  refuseRow(badRow(file, `line ${line}`, reason, expected), onBadRow, lines);
}
