import type { Random } from "../../random.js";

/** One row of coefficients over the old units or layers, in float64. */
export type Row = readonly number[];

/** Scale of the uniform noise of the `_noisy` starts of the published code. */
const NOISE = 0.03;

/** Uniform in [0, 1), divided by their sum (`rand`). */
export function uniformRow(columns: number, random: Random): Row {
  const row = Array.from({ length: columns }, () => random.uniform());
  const sum = row.reduce((total, value) => total + value, 0);
  // All zero has a chance of 2^-32 per column; a plain mean is the nearest row that sums to 1.
  return sum === 0 ? row.map(() => 1 / columns) : row.map((value) => value / sum);
}

/** Softmax of numbers uniform in [0, 1) (`rand_softmax`; uniform rather than normal, as in the published code). */
export function softmaxRow(columns: number, random: Random): Row {
  const row = Array.from({ length: columns }, () => Math.exp(random.uniform()));
  const sum = row.reduce((total, value) => total + value, 0);
  return row.map((value) => value / sum);
}

/** 1 at `hot`, 0 elsewhere. */
export function oneHotRow(columns: number, hot: number): Row {
  return Array.from({ length: columns }, (_, column) => (column === hot ? 1 : 0));
}

/** 1 at `hot`, uniform in [0, {@link NOISE}) elsewhere; not normalised. */
export function noisyRow(columns: number, hot: number, random: Random): Row {
  return Array.from({ length: columns }, (_, column) => {
    const noise = NOISE * random.uniform();
    return column === hot ? 1 : noise;
  });
}

/** The row divided by its sum. */
export function normalised(row: Row): Row {
  const sum = row.reduce((total, value) => total + value, 0);
  return row.map((value) => value / sum);
}
