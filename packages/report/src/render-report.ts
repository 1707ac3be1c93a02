import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { CurvePoint } from "./savings.js";

/** A line in the plots. */
export interface ReportCurve {
  readonly name: string;
  readonly points: readonly CurvePoint[];
}

/** Everything a report shows. */
export interface Report {
  readonly title: string;
  /** One sentence a reader takes away. */
  readonly headline: string;
  readonly curves: readonly ReportCurve[];
  /** Held-out loss the savings are measured at: drawn as a line. */
  readonly targetLoss: number;
  /** The number line of FLOPs is drawn in these. Default TFLOP. */
  readonly flopsUnit?: { readonly name: string; readonly size: number };
  readonly tables: readonly {
    readonly caption: string;
    readonly rows: readonly (readonly string[])[];
  }[];
  readonly notes: readonly string[];
}

const COLOURS = [
  "#d1495b",
  "#1d6fa5",
  "#5b8c5a",
  "#8a5a9e",
  "#d98e04",
  "#17a2a2",
  "#7a5230",
  "#c05fa0",
  "#6c757d",
  "#2f4b9a",
  "#93a31a",
  "#e0653a",
];

const escape = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** JSON that may stand inside a script element. */
const embed = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

function table({ caption, rows }: Report["tables"][number]): string {
  const [head = [], ...body] = rows;
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("");
  return `<table><caption>${escape(caption)}</caption><thead><tr>${cells(head, "th")}</tr></thead><tbody>${body
    .map((row) => `<tr>${cells(row, "td")}</tr>`)
    .join("")}</tbody></table>`;
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } .headline { font-size: 1.15rem; font-weight: 600; }
table { border-collapse: collapse; margin: 1.5rem 0; width: 100%; } caption { text-align: left; font-weight: 600; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid #8884; } th:first-child, td:first-child { text-align: left; }
.chart { margin: 1.5rem 0; background: #fff; color: #222; padding: .5rem; border-radius: .5rem; } li { margin: .3rem 0; }
`;

const SCRIPT = `
const toSeries = (name, index) => ({ label: name, stroke: report.colours[index % report.colours.length], width: 2, spanGaps: true });
function chart(id, title, unit, pick) {
  const data = uPlot.join([...report.curves.map(({ points }) => [points.map(pick), points.map((p) => p.loss)]),
    [[0, Math.max(...report.curves.flatMap(({ points }) => points.map(pick)))], [report.targetLoss, report.targetLoss]]]);
  const place = document.getElementById(id);
  const losses = report.curves.flatMap(({ points }) => points.slice(1).map((p) => p.loss));
  // the first twentieth would flatten all that follows
  const end = Math.max(...report.curves.flatMap(({ points }) => points.map(pick)));
  const shown = report.curves.flatMap(({ points }) => points.filter((p) => pick(p) >= end / 20).map((p) => p.loss));
  new uPlot({
    title, width: place.clientWidth - 16, height: 380,
    scales: { x: { time: false }, y: { range: [Math.min(...losses) - 0.1, Math.max(...shown) + 0.1] } },
    axes: [{ label: unit }, { label: "held-out loss" }],
    series: [{ label: unit }, ...report.curves.map(({ name }, index) => toSeries(name, index)),
      { label: "scratch's end", stroke: "#888", dash: [6, 4], spanGaps: true }],
  }, data, place);
}
chart("by-flops", "Held-out loss against compute (growth included)", report.unit.name, (p) => p.flops / report.unit.size);
chart("by-time", "Held-out loss against time (growth included)", "seconds", (p) => p.seconds);
`;

/** One HTML file with plots and tables that needs nothing beside it: no network, no other file. */
export function renderReport(report: Report): string {
  const require = createRequire(import.meta.url);
  const asset = (name: string): string =>
    readFileSync(require.resolve(`uplot/dist/${name}`), "utf8");
  const { curves, flopsUnit: unit = { name: "TFLOP", size: 1e12 }, targetLoss } = report;
  const data = { curves, colours: COLOURS, targetLoss, unit };
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(report.title)}</title><style>${asset("uPlot.min.css")}${STYLE}</style></head>
<body><h1>${escape(report.title)}</h1><p class="headline">${escape(report.headline)}</p>
<div class="chart" id="by-flops"></div><div class="chart" id="by-time"></div>
${report.tables.map(table).join("\n")}
<ul>${report.notes.map((note) => `<li>${escape(note)}</li>`).join("")}</ul>
<script>${asset("uPlot.iife.min.js")}</script>
<script>const report = ${embed(data)};${SCRIPT}</script></body></html>
`;
}
