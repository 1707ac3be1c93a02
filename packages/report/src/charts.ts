import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { scriptJson } from "./html.js";
import type { Report } from "./report.js";

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

/** A script in the page: it draws the losses of `report` against compute and against time with uPlot. */
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
      { label: report.targetName, stroke: "#888", dash: [6, 4], spanGaps: true }],
  }, data, place);
}
chart("by-flops", "Held-out loss against compute (growth included)", report.unit.name, (p) => p.flops / report.unit.size);
chart("by-time", "Held-out loss against time (growth included)", "seconds", (p) => p.seconds);
`;

/** Parts of a page that make its charts. */
export interface Charts {
  readonly style: string;
  /** Elements that the charts are drawn into. */
  readonly places: string;
  readonly scripts: string;
}

/** Charts of held-out loss against compute and against time; uPlot is put into the page. */
export function renderCharts({
  curves,
  flopsUnit: unit = { name: "TFLOP", size: 1e12 },
  targetLoss,
  targetName = "scratch's end",
}: Pick<Report, "curves" | "flopsUnit" | "targetLoss" | "targetName">): Charts {
  const require = createRequire(import.meta.url);
  const asset = (name: string): string =>
    readFileSync(require.resolve(`uplot/dist/${name}`), "utf8");
  const data = { curves, colours: COLOURS, targetLoss, targetName, unit };
  return {
    style: asset("uPlot.min.css"),
    places: '<div class="chart" id="by-flops"></div><div class="chart" id="by-time"></div>',
    scripts: `<script>${asset("uPlot.iife.min.js")}</script>
<script>const report = ${scriptJson(data)};${SCRIPT}</script>`,
  };
}
