import { refuseRow } from "../errors/bad-rows.js";
import { badRow } from "./table-text.js";
import { textLines, type TextLinesOptions } from "./text-lines.js";
import type { DataFormat } from "./data-format.js";

/** A row of a table of text: its cells, and the line it begins in. */
export interface DelimitedRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** How the cells of a row are told apart. */
export type Delimiter = "tab" | "comma";

/**
 * The rows of a table of text, the header among them. Cells between tabs are taken as they are, quotes included (as GLUE has
 * them); between commas they are as in RFC 4180: in quotes a cell may hold commas, line ends and doubled quotes. Blank lines
 * are skipped.
 */
export async function* readDelimited(
  file: string,
  format: Pick<DataFormat, "gzip">,
  delimiter: Delimiter,
  options: TextLinesOptions,
): AsyncGenerator<DelimitedRow, void, undefined> {
  let open: { line: number; text: string } | undefined;
  for await (const { text, line } of textLines(file, format, options)) {
    const trimmed = text.replace(/\r$/, "");
    if (delimiter === "tab") {
      if (trimmed !== "") yield { line, cells: trimmed.split("\t") };
      continue;
    }
    if (open === undefined && trimmed === "") continue;
    open = open === undefined ? { line, text } : { ...open, text: `${open.text}\n${text}` };
    if (hasOpenQuote(open.text)) continue;
    const cells = commaCells(open.text.replace(/\r$/, ""));
    if (cells === undefined) {
      const reason = "there is something between a closing quote and the next comma";
      refuseRow(badRow(file, `line ${open.line}`, reason, "a comma"), options.onBadRow);
    } else yield { line: open.line, cells };
    open = undefined;
  }
  if (open === undefined) return;
  const reason = "a quote is opened and never closed";
  refuseRow(badRow(file, `line ${open.line}`, reason, "quotes in pairs"), options.onBadRow);
}

/** Quotes come in pairs, those doubled inside of quotes too. */
function hasOpenQuote(text: string): boolean {
  return (text.match(/"/g) ?? []).length % 2 === 1;
}

/** A cell with the comma before it: in quotes, or without any. */
const CELL = /,(?:"((?:[^"]|"")*)"|([^,"][^,]*|))/gu;

/** The cells of a row; `undefined` where they do not make up all of it. */
function commaCells(row: string): readonly string[] | undefined {
  const cells = [...`,${row}`.matchAll(CELL)];
  const covered = cells.reduce((sum, [cell]) => sum + cell.length, 0);
  if (covered !== row.length + 1) return undefined;
  return cells.map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
  );
}
