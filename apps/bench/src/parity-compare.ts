/** A training as its steps were noted. */
export interface Curve {
  /** Loss of every step, before its update. */
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
}

/** Distance between two trainings. */
export interface CurveDifference {
  /** |difference| of the first step's loss. */
  readonly first: number;
  /** Largest |difference| of a loss within the first ten steps, and within all. */
  readonly firstTen: number;
  readonly largest: number;
  /** Difference of the mean losses of the last fifty steps. */
  readonly end: number;
  /** Largest relative difference of a gradient norm within the first ten steps. */
  readonly norms: number;
}

/** Steps at the end that are taken together. */
const END = 50;
const START = 10;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Compares trainings step by step. Both must have the same number of steps. */
export function compareCurves(a: Curve, b: Curve): CurveDifference {
  if (a.losses.length !== b.losses.length || a.losses.length === 0)
    throw new RangeError(`Curves of ${a.losses.length} and ${b.losses.length} steps.`);
  const apart = a.losses.map((loss, step) => Math.abs(loss - (b.losses[step] as number)));
  const norms = a.gradientNorms
    .slice(0, START)
    .map((norm, step) => Math.abs(norm / (b.gradientNorms[step] as number) - 1));
  return {
    first: apart[0] as number,
    firstTen: Math.max(...apart.slice(0, START)),
    largest: Math.max(...apart),
    end: mean(a.losses.slice(-END)) - mean(b.losses.slice(-END)),
    norms: Math.max(...norms),
  };
}

/** Seconds of a step. */
export interface StepTimes {
  readonly best: number;
  readonly median: number;
  readonly steps: number;
}

/** Steps of every block that are left out: memory is still being laid out. */
const WARM = 2;

/** The steps of several blocks together. */
export function stepTimes(blocks: readonly (readonly number[])[]): StepTimes {
  const seconds = blocks.flatMap((block) => block.slice(WARM)).toSorted((a, b) => a - b);
  const middle = seconds.length / 2;
  const median = mean(seconds.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1));
  return { best: seconds[0] ?? Number.NaN, median, steps: seconds.length };
}
