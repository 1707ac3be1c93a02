/// <reference lib="dom" />
import type uPlot from "uplot";
import type { Chart, ChartSeries, Measure } from "../chart.js";
import { formatFlops, formatParameters, formatSeconds } from "../format.js";

type Plot = typeof uPlot;

/** A chart that is on the page. */
export interface DrawnChart {
  /** Shows other data, or the same against another measure. */
  show(chart: Chart, measure: string): void;
  resize(): void;
  destroy(): void;
}

const FORMATS: Readonly<Record<Measure["unit"], (value: number) => string>> = {
  count: (value) => (value < 1000 ? String(Number(value.toFixed(1))) : formatParameters(value)),
  flops: formatFlops,
  seconds: (value) => (value < 99.5 ? `${Number(value.toFixed(1))} s` : formatSeconds(value)),
};

const HEIGHT = 320;
/** Share of the axis whose losses are cut off where a chart shows what comes later. */
const EARLY = 0.15;
/** Colours of a theme; lines beyond them are dashed. */
const COLOURS = 12;

const colourOf = (place: HTMLElement, name: string): string =>
  getComputedStyle(place).getPropertyValue(`--${name}`).trim();

/** Columns of a chart's data: the places, then the values of every series with the edges of its band, then the levels. */
function columns(library: Plot, chart: Chart, measure: string): uPlot.AlignedData {
  const tables = chart.series.map(({ at, high, low, values }): uPlot.AlignedData => {
    const places = [...(at[measure] ?? [])];
    return high && low ? [places, [...values], [...low], [...high]] : [places, [...values]];
  });
  const ends = chart.series.flatMap(({ at }) => [at[measure]?.[0] ?? 0, at[measure]?.at(-1) ?? 0]);
  const [first, last] = [Math.min(...ends), Math.max(...ends)];
  const levels = (chart.levels ?? []).map(({ value }): uPlot.AlignedData => [
    first === last ? [first] : [first, last],
    first === last ? [value] : [value, value],
  ]);
  return library.join([...tables, ...levels]);
}

/** The vertical range: of all values, or without the first fall of those that start high. */
function rangeOf({ levels = [], series, shows }: Chart, measure: string): [number, number] {
  const last = Math.max(...series.map(({ at }) => at[measure]?.at(-1) ?? 0));
  const shown = series.flatMap(({ at, high = [], low = [], values }) => {
    const places = at[measure] ?? [];
    const all = [values, low, high].flatMap((numbers) =>
      numbers.filter((_, index) => shows !== "later" || (places[index] ?? 0) >= EARLY * last),
    );
    return all.filter((value): value is number => value !== null && Number.isFinite(value));
  });
  const numbers = [...shown, ...levels.map(({ value }) => value)];
  if (numbers.length === 0) return [0, 1];
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const margin = (high - low || Math.abs(high) || 1) * 0.06;
  // what starts just above the range is shown whole
  const starts = series.flatMap(({ values: [start] }) => start ?? []);
  const near = starts.filter((value) => value > high && value - high < 0.6 * (high - low));
  return [low >= 0 && low - margin < 0 ? 0 : low - margin, Math.max(high, ...near) + margin];
}

function styled(place: HTMLElement, chart: Chart): { series: uPlot.Series[]; bands: uPlot.Band[] } {
  const series: uPlot.Series[] = [];
  const bands: uPlot.Band[] = [];
  for (const [index, one] of chart.series.entries()) {
    const number = one.colour ?? index;
    const stroke = colourOf(place, `series-${number % COLOURS}`);
    series.push(lineOf(one, stroke, number >= COLOURS));
    if (one.low === undefined || one.high === undefined) continue;
    // columns of a chart begin with the places
    bands.push({ series: [series.length + 2, series.length + 1], fill: `${stroke}2e` });
    series.push(edge(), edge());
  }
  for (const { name } of chart.levels ?? []) {
    series.push({
      // it is named on the line itself
      class: "unlisted",
      label: name,
      stroke: colourOf(place, "muted"),
      dash: [6, 4],
      width: 1.5,
      spanGaps: true,
      points: { show: false },
    });
  }
  return { series, bands };
}

/** Colour of a series in the legend. */
const markerOf =
  (place: HTMLElement, chart: Chart) =>
  (plot: uPlot, index: number): string => {
    const label = plot.series[index]?.label;
    const found = chart.series.findIndex(({ name }) => name === label);
    if (found < 0) return "transparent";
    return colourOf(place, `series-${(chart.series[found]?.colour ?? found) % COLOURS}`);
  };

const formatted = {
  value: (_: uPlot, value: number | null): string =>
    value === null || value === undefined ? "" : formatValue(value),
};

const formatValue = (value: number): string => String(Number(value.toPrecision(4)));

function lineOf({ look, name }: ChartSeries, stroke: string, dashed: boolean): uPlot.Series {
  return {
    label: name,
    stroke: look === "faint" ? `${stroke}99` : stroke,
    width: look === "faint" ? 1 : 2,
    spanGaps: true,
    points: { show: look === "points", size: 6, fill: stroke },
    ...(dashed ? { dash: [2, 3] } : {}),
    ...formatted,
  };
}

const edge = (): uPlot.Series => ({
  class: "unlisted",
  stroke: "transparent",
  width: 0,
  spanGaps: true,
  points: { show: false },
});

/** Places of the names of levels in turn, as some levels lie close to each other. */
const PLACES = [
  ["right", 1],
  ["left", 0],
  ["center", 0.5],
] as const;

/** Writes the names of levels above their lines. */
function nameLevels(plot: uPlot, { levels = [] }: Chart, colour: string): void {
  const { bbox, ctx } = plot;
  const ratio = devicePixelRatio;
  const margin = 4 * ratio;
  ctx.save();
  ctx.fillStyle = colour;
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = "bottom";
  for (const [index, { name, value }] of levels.entries()) {
    const [align, share] = PLACES[index % PLACES.length] ?? PLACES[0];
    ctx.textAlign = align;
    const x = bbox.left + margin + share * (bbox.width - 2 * margin);
    ctx.fillText(name, x, plot.valToPos(value, "y", true) - margin / 2);
  }
  ctx.restore();
}

/** Draws a chart into a place of the page, with the colours of its style. */
export function drawChart(
  library: Plot,
  place: HTMLElement,
  first: Chart,
  measure: string,
): DrawnChart {
  let [chart, shown] = [first, measure];
  const widthOf = (): number => Math.max(200, place.clientWidth);
  const create = (): uPlot => {
    const [muted, line] = [colourOf(place, "muted"), colourOf(place, "line")];
    const axis = {
      stroke: muted,
      grid: { stroke: line, width: 1 },
      ticks: { stroke: line, width: 1 },
      font: "12px system-ui, sans-serif",
    };
    const { bands, series } = styled(place, chart);
    const unit = (): ((value: number) => string) =>
      FORMATS[chart.measures.find(({ name }) => name === shown)?.unit ?? "count"];
    return new library(
      {
        width: widthOf(),
        height: Math.min(HEIGHT, Math.max(230, 0.7 * widthOf())),
        scales: { x: { time: false }, y: { range: () => rangeOf(chart, shown) } },
        axes: [
          {
            ...axis,
            size: 36,
            space: 80,
            values: (_, values) => values.map((value) => unit()(value)),
          },
          { ...axis, size: 58, values: (_, values) => values.map(formatValue) },
        ],
        series: [
          {
            label: shown,
            value: (_, value: number | null) => (value === null ? "" : unit()(value)),
          },
          ...series,
        ],
        bands,
        hooks: { draw: [(drawn) => nameLevels(drawn, chart, muted)] },
        legend: { markers: { fill: markerOf(place, chart) } },
      },
      columns(library, chart, shown),
      place,
    );
  };
  let plot = create();
  const shape = (of: Chart, by: string): string =>
    JSON.stringify([
      by,
      of.series.map(({ low, name, look }) => [name, look, low === undefined]),
      of.levels?.map(({ name }) => name),
    ]);
  return {
    show(next, by) {
      const isSame = shape(next, by) === shape(chart, shown);
      [chart, shown] = [next, by];
      if (isSame) {
        plot.setData(columns(library, chart, shown));
        return;
      }
      plot.destroy();
      plot = create();
    },
    resize() {
      const width = widthOf();
      if (width !== plot.width)
        plot.setSize({ width, height: Math.min(HEIGHT, Math.max(230, 0.7 * width)) });
    },
    destroy: () => plot.destroy(),
  };
}
