/** Measures of what a point took: the values of a horizontal axis. */
export interface Measure {
  readonly name: string;
  /** Numbers of the axis: counts (`1.2 k`), operations (`3.4 TFLOPs`) or seconds (`5 min`). */
  readonly unit: "count" | "flops" | "seconds";
}

/** A line in a chart. */
export interface ChartSeries {
  readonly name: string;
  /** Place of every point, by the names of the measures. */
  readonly at: Readonly<Record<string, readonly number[]>>;
  readonly values: readonly (number | null)[];
  /** Edges of the band around it. */
  readonly low?: readonly number[] | undefined;
  readonly high?: readonly number[] | undefined;
  /** `faint`: a thin line behind the others, such as the losses of single batches. */
  readonly look?: "faint" | "points" | undefined;
  /** Number of its colour in the theme. Default: its place among the series. */
  readonly colour?: number | undefined;
}

/** A level across a chart. */
export interface ChartLevel {
  readonly name: string;
  readonly value: number;
}

/** Everything that a chart shows: plain data, drawn by the script of the page. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** Measures to choose the horizontal axis from; the first is shown first. */
  readonly measures: readonly Measure[];
  readonly series: readonly ChartSeries[];
  readonly levels?: readonly ChartLevel[] | undefined;
  /** `start`: all points; `later`: the first fall of the losses, which would flatten all that follows, is cut off. */
  readonly shows?: "all" | "later" | undefined;
}

/** Places of points on a curve, and the losses there. */
interface Place {
  readonly step: number;
  readonly flops: number;
  readonly seconds: number;
}

export const STEPS: Measure = { name: "steps", unit: "count" };
export const FLOPS: Measure = { name: "FLOPs", unit: "flops" };
export const TIME: Measure = { name: "time", unit: "seconds" };

/** The places of points by all three measures. */
export const placesOf = (points: readonly Place[]): ChartSeries["at"] => ({
  [STEPS.name]: points.map(({ step }) => step),
  [FLOPS.name]: points.map(({ flops }) => flops),
  [TIME.name]: points.map(({ seconds }) => seconds),
});
