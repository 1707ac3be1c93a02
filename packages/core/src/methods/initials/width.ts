import type { Matrix } from "../../operator/operator.js";
import type { Random } from "../../random.js";
import { noisyRow, oneHotRow, softmaxRow, uniformRow, type Row } from "./rows.js";

/** Starts of the new rows of a width map in the published code. */
export type WidthInitialName = "rand" | "rand_softmax" | "sel" | "sel_noisy";

/** One new row of a width map over `columns` old units. */
export type WidthInitial = (columns: number, random: Random) => Row;

/**
 * The width starts by name. `rand` makes each new unit a mean of all old ones with random weights, `sel` a copy of a
 * random one. `sel_noisy` adds uniform noise on [0, 0.03) and, as in the published code, is not divided by its sum:
 * over hundreds of columns the noise would outweigh the copy.
 */
export const widthInitials: Readonly<Record<WidthInitialName, WidthInitial>> = {
  rand: uniformRow,
  rand_softmax: softmaxRow,
  sel: (columns, random) => oneHotRow(columns, random.integer(columns)),
  sel_noisy: (columns, random) => noisyRow(columns, random.integer(columns), random),
};

/**
 * A width map [I; C] of shape [rows = new, columns = old]: the old units are kept, C starts as named.
 *
 * @param kept old units that a row is the mean of, none for one that starts as named. Default: the first rows are the old units
 */
export function widthMatrix(
  name: WidthInitialName,
  rows: number,
  columns: number,
  random: Random,
  kept?: readonly (readonly number[])[],
): Matrix {
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const units = kept === undefined ? (row < columns ? [row] : []) : (kept[row] ?? []);
    if (units.length === 0) data.set(widthInitials[name](columns, random), row * columns);
    for (const unit of units) data[row * columns + unit] = 1 / units.length;
  }
  return { rows, columns, data };
}
