import { renderCharts } from "./charts.js";
import { escapeHtml } from "./html.js";
import type { Report } from "./report.js";
import { STYLE } from "./style.js";
import { renderTable } from "./table.js";

/** One HTML file with plots and tables that needs nothing beside it: no network, no other file. */
export function renderReport(report: Report): string {
  const { headline, notes, tables, title } = report;
  const charts = renderCharts(report);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${charts.style}${STYLE}</style></head>
<body><h1>${escapeHtml(title)}</h1><p class="headline">${escapeHtml(headline)}</p>
${charts.places}
${tables.map(renderTable).join("\n")}
<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>
${charts.scripts}</body></html>
`;
}
