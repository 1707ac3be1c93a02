import { escapeHtml } from "./html.js";
import type { ReportTable } from "./report.js";

/** A table as HTML. */
export function renderTable({ caption, rows }: ReportTable): string {
  const [head = [], ...body] = rows;
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("");
  return `<table><caption>${escapeHtml(caption)}</caption><thead><tr>${cells(head, "th")}</tr></thead><tbody>${body
    .map((row) => `<tr>${cells(row, "td")}</tr>`)
    .join("")}</tbody></table>`;
}
