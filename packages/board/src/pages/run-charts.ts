import { FLOPS, STEPS, TIME, type Chart, type ChartLevel, type ChartSeries } from "@ligo/report";
import type { StepColumns } from "../read/metrics.js";
import type { RunView } from "../read/run.js";

/** Points of a line that a chart still shows apart. */
const POINTS = 400;
/** Steps that a smoothed loss is a mean of: a share of all, and the fewest. */
const [SMOOTHED, FEWEST] = [0.03, 5];

/** The mean of so many neighbours that no more than {@link POINTS} are left; numbers that are none are left out. */
export function thinned(values: readonly number[], most: number = POINTS): number[] {
  const count = Math.min(most, values.length);
  const edge = (index: number): number => Math.round((index * values.length) / count);
  return Array.from({ length: count }, (_, index) => {
    const part = values.slice(edge(index), edge(index + 1)).filter(Number.isFinite);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/** An exponential mean over about `window` steps, without the bias of its start. */
export function smoothed(values: readonly number[], window: number): number[] {
  const keep = 1 - 1 / Math.max(1, window);
  let [mean, weight] = [0, 0];
  return values.map((value) => {
    if (!Number.isFinite(value)) return weight === 0 ? Number.NaN : mean / weight;
    mean = keep * mean + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return mean / weight;
  });
}

const MEASURES = [STEPS, TIME, FLOPS];

/** A line over the steps of a run. */
function overSteps(
  steps: StepColumns,
  name: string,
  values: readonly number[],
  more: Partial<ChartSeries> = {},
): ChartSeries {
  const at = {
    [STEPS.name]: thinned(steps.step),
    [TIME.name]: thinned(steps.seconds),
    [FLOPS.name]: thinned(steps.flops),
  };
  // JSON knows no NaN
  const numbers = thinned(values).map((value) => (Number.isFinite(value) ? value : null));
  return { name, at, values: numbers, ...more };
}

/** Losses of a run: of its batches, on held-out data, and levels that they are held against. */
export function lossChart({ losses, metrics }: RunView): Chart {
  const { evaluations, steps } = metrics;
  const levels: ChartLevel[] = [
    ["source, held out", losses.small],
    ["before learning, held out", losses.start],
    ["grown, held out", losses.grown],
  ].flatMap(([name, value]) => (typeof value === "number" ? [{ name: String(name), value }] : []));
  const smooth = smoothed(steps.loss, Math.max(FEWEST, SMOOTHED * steps.loss.length));
  return {
    id: "loss",
    title: "Loss",
    measures: MEASURES,
    series: [
      overSteps(steps, "training batches", steps.loss, { look: "faint", colour: 0 }),
      overSteps(steps, "training, smoothed", smooth, { colour: 1 }),
      ...(evaluations.length === 0
        ? []
        : [
            {
              name: "held out",
              at: {
                [STEPS.name]: evaluations.map(({ step }) => step),
                [TIME.name]: evaluations.map(({ seconds }) => seconds),
                [FLOPS.name]: evaluations.map(({ flops }) => flops),
              },
              values: evaluations.map(({ loss }) => loss),
              look: "points" as const,
              colour: 2,
            },
          ]),
    ],
    levels,
    shows: "later",
  };
}

export const rateChart = ({ metrics: { steps } }: RunView): Chart => ({
  id: "rate",
  title: "Learning rate",
  measures: MEASURES,
  series: [overSteps(steps, "learning rate", steps.rate, { colour: 1 })],
});

export const normChart = ({ metrics: { steps } }: RunView): Chart => ({
  id: "norm",
  title: "Gradient norm, before clipping",
  measures: MEASURES,
  series: [overSteps(steps, "gradient norm", steps.norm, { colour: 4 })],
});
