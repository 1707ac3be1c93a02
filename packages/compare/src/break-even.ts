import { CONFIDENCE, meanCurve, reachForGood, studentT, type CurvePoint } from "@ligo/report";
import type { CellResult } from "./run-cell.js";

/** Operations from which on a row is below another at equal operations. */
export interface BreakEven {
  /** Floating-point operations, growth included. */
  readonly flops: number;
  /** Whether it lies within what was run; else it is where the trend of the difference leads. */
  readonly isMeasured: boolean;
  /** 95 % confidence interval of an extrapolation, the upper end infinite where the trend may be none; `undefined` of what was measured. */
  readonly interval: readonly [low: number, high: number] | undefined;
}

/** Share of the budget, at its end, that a trend is taken from: what comes before is warm-up, and losses that growth disturbed. */
const TREND_SHARE = 0.5;

/**
 * Operations from which on a row is below another one, both with the same budget and so at the same point of their schedules. Where
 * the mean over the seeds falls below and stays there, that is measured. Otherwise the difference is taken as linear in the
 * logarithm of operations over the second half of the budget, all seeds together, with the interval of Fieller (1954) for the zero of a line; points
 * of one curve depend on each other, so it is too narrow if anything. `undefined` where the trend does not lead below, and
 * without two rows to compare.
 */
export function breakEven(
  cells: readonly CellResult[],
  name: string,
  other: string,
): BreakEven | undefined {
  const curves = pairedCurves(cells, name, other);
  const reached = reachForGood(meanCurve(curves), 0);
  return reached === undefined
    ? extrapolated(curves.flat())
    : { flops: reached.flops, isMeasured: true, interval: undefined };
}

/** Losses of a row less those of another, seed by seed, at the row's own evaluations: above zero where it is still behind. */
function pairedCurves(
  cells: readonly CellResult[],
  name: string,
  other: string,
): readonly (readonly CurvePoint[])[] {
  const curveOf = (row: string, seed: number): readonly CurvePoint[] =>
    cells.find((cell) => cell.name === row && cell.seed === seed)?.curve ?? [];
  const seeds = [...new Set(cells.map(({ seed }) => seed))];
  return seeds
    .map((seed) =>
      curveOf(name, seed).flatMap((point) => {
        const against = lossAt(curveOf(other, seed), point.flops);
        return against === undefined ? [] : [{ ...point, loss: point.loss - against }];
      }),
    )
    .filter((curve) => curve.length > 0);
}

/** Loss of a curve at some operations, interpolated; `undefined` outside of it. A step more than the last is its end. */
function lossAt(curve: readonly CurvePoint[], flops: number): number | undefined {
  const index = curve.findIndex((point) => point.flops >= flops);
  const [before, after] = [curve[index - 1], curve[index]];
  if (after === undefined) {
    const end = curve.at(-1);
    return end !== undefined && flops <= end.flops * (1 + ROUNDING) ? end.loss : undefined;
  }
  if (before === undefined) return after.flops === flops ? after.loss : undefined;
  const share = (flops - before.flops) / (after.flops - before.flops);
  return before.loss + share * (after.loss - before.loss);
}

/** Budgets are equal to within a step. */
const ROUNDING = 0.02;

/** Where the trend of a difference leads below zero. */
function extrapolated(all: readonly CurvePoint[]): BreakEven | undefined {
  const end = Math.max(...all.map(({ flops }) => flops));
  const points = all
    .filter(({ flops }) => flops > 0 && flops >= TREND_SHARE * end)
    .map(({ flops, loss }) => ({ x: Math.log(flops), y: loss }));
  const count = points.length;
  if (count < 3) return undefined;
  const mean = (pick: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + pick(point), 0) / count;
  const [x0, y0] = [mean(({ x }) => x), mean(({ y }) => y)];
  const square = count * mean(({ x }) => (x - x0) ** 2);
  const slope = (count * mean(({ x, y }) => (x - x0) * (y - y0))) / square;
  if (!(slope < 0)) return undefined;
  const residuals = count * mean(({ x, y }) => (y - y0 - slope * (x - x0)) ** 2);
  const noise = studentT(count - 2, CONFIDENCE) ** 2 * (residuals / (count - 2));
  const zero = Math.exp(x0 - y0 / slope);
  // zeros u of (y0 + slope u)^2 = noise (1 / count + u^2 / square)
  const a = slope ** 2 - noise / square;
  const b = y0 * slope;
  const c = y0 ** 2 - noise / count;
  const root = Math.sqrt(b ** 2 - a * c);
  // a slope that is not told from none has no upper end
  const [low, high] = a > 0 ? [(-b - root) / a, (-b + root) / a] : [c / (root - b), Infinity];
  // it was not there within the budget
  const later = (flops: number): number => (flops >= end ? flops : end);
  return {
    flops: later(zero),
    isMeasured: false,
    interval: [later(Math.exp(x0 + low)), later(Math.exp(x0 + high))],
  };
}
