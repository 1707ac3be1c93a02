import { chartLibrary, chartStyle, pageScript } from "./assets.js";
import { FLOPS, placesOf, STEPS, TIME, type Chart } from "./chart.js";
import { chartFigure } from "./components/chart-figure.js";
import { growthPicture } from "./components/growth-picture.js";
import { table } from "./components/table.js";
import { html } from "./html.js";
import { inlineScript, inlineStyle, page } from "./page.js";
import type { Report } from "./report.js";
import { STYLE } from "./style.js";

/** One HTML file with plots and tables that needs nothing beside it: no network, no other file. */
export function renderReport(report: Report): string {
  const { growth, headline, kind, notes, tables, title } = report;
  return page({
    title,
    head: inlineStyle(chartStyle() + STYLE),
    body: html`<header class="top">
        <p class="eyebrow">LiGO, ${kind ?? "report"}</p>
        <h1>${title}</h1>
      </header>
      <main>
        <p class="headline">${headline}</p>
        ${growth && html`<section class="card">${growthPicture(growth.small, growth.large)}</section>`}
        ${report.curves.length > 0 && chartFigure(lossChart(report))}
        <noscript><p class="card">Charts are drawn by a script; tables stand below.</p></noscript>
        ${tables.map(({ caption, rows }) => table(caption, rows))}
        ${
          notes.length > 0 &&
          html`<section class="card notes">
            <h2>Notes</h2>
            <ul>
              ${notes.map((note) => html`<li>${note}</li>`)}
            </ul>
          </section>`
        }
      </main>
      ${inlineScript(chartLibrary())}${inlineScript(`(()=>{${pageScript()}})()`)}`,
  });
}

/** The chart of held-out losses. */
function lossChart({
  curves,
  targetLoss,
  targetName = "scratch's final loss",
}: Pick<Report, "curves" | "targetLoss" | "targetName">): Chart {
  return {
    id: "losses",
    title: "Held-out loss, growth included",
    measures: [FLOPS, TIME, STEPS],
    series: curves.map(({ band, name, points }) => ({
      name,
      at: placesOf(points),
      values: points.map(({ loss }) => loss),
      low: band?.map(({ low }) => low),
      high: band?.map(({ high }) => high),
    })),
    levels: Number.isFinite(targetLoss) ? [{ name: targetName, value: targetLoss }] : [],
    shows: "later",
  };
}
