/// <reference lib="dom" />
import type uPlot from "uplot";
import type { Chart } from "../chart.js";
import { drawChart, type DrawnChart } from "./draw-chart.js";

// The script of every page: draws charts, follows the colour scheme and the width, copies commands. A live page tells it by
// the event `ligo:changed` that its elements were replaced.

const library = (globalThis as unknown as { readonly uPlot: typeof uPlot }).uPlot;
const drawn = new Map<
  HTMLElement,
  DrawnChart & { readonly data: string; readonly measure: string }
>();
const resized = new ResizeObserver(() => {
  for (const chart of drawn.values()) chart.resize();
});

/** Draws charts that are new or have other data, and lets go of those that are gone. */
function draw(): void {
  for (const [figure, chart] of drawn) {
    if (figure.isConnected) continue;
    chart.destroy();
    drawn.delete(figure);
  }
  for (const figure of document.querySelectorAll<HTMLElement>("[data-chart]")) drawIn(figure);
}

function drawIn(figure: HTMLElement): void {
  const place = figure.querySelector<HTMLElement>(".plot");
  const data = figure.dataset["chart"] ?? "";
  if (place === null || data === "") return;
  const chart = JSON.parse(data) as Chart;
  const chosen = figure.querySelector<HTMLInputElement>(".tools input:checked")?.value;
  const measure = chosen ?? chart.measures[0]?.name ?? "";
  const before = drawn.get(figure);
  if (before?.data === data && before.measure === measure) return;
  before?.show(chart, measure);
  const now = before ?? drawChart(library, place, chart, measure);
  if (before === undefined) resized.observe(place);
  drawn.set(figure, { ...now, data, measure });
}

/** Draws all charts anew: colours are read when they are drawn. */
function redraw(): void {
  for (const chart of drawn.values()) chart.destroy();
  drawn.clear();
  draw();
}

async function copy(button: HTMLElement): Promise<void> {
  await navigator.clipboard.writeText(button.dataset["copy"] ?? "");
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

document.addEventListener("change", draw);
document.addEventListener("ligo:changed", draw);
document.addEventListener("click", ({ target }) => {
  const button = target instanceof HTMLElement ? target.closest<HTMLElement>("[data-copy]") : null;
  if (button !== null) void copy(button);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
draw();
