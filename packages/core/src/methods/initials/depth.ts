import type { Matrix } from "../../operator/operator.js";
import type { Random } from "../../random.js";
import { noisyRow, normalised, oneHotRow, softmaxRow, uniformRow, type Row } from "./rows.js";

/** Starts of a depth matrix in the published code. */
export type DepthInitialName =
  | "stackbert"
  | "stackbert_noisy"
  | "interlace"
  | "interlace_noisy"
  | "rand"
  | "rand_softmax";

/** Row `row` of a depth matrix of `rows` target layers over `columns` source layers. */
export type DepthInitial = (row: number, rows: number, columns: number, random: Random) => Row;

/** StackBERT: target layer i is source layer i mod L1. */
const stacked = (row: number, columns: number): number => row % columns;
/** Interpolation: target layer i is source layer floor(i L1 / L2); the published code has it for L2 = 2 L1. */
const interlaced = (row: number, rows: number, columns: number): number =>
  Math.floor((row * columns) / rows);

/**
 * The depth starts by name. The noisy ones are a one-hot row with uniform noise on [0, 0.03) elsewhere, divided by its
 * sum.
 */
export const depthInitials: Readonly<Record<DepthInitialName, DepthInitial>> = {
  stackbert: (row, _rows, columns) => oneHotRow(columns, stacked(row, columns)),
  stackbert_noisy: (row, _rows, columns, random) =>
    normalised(noisyRow(columns, stacked(row, columns), random)),
  interlace: (row, rows, columns) => oneHotRow(columns, interlaced(row, rows, columns)),
  interlace_noisy: (row, rows, columns, random) =>
    normalised(noisyRow(columns, interlaced(row, rows, columns), random)),
  rand: (_row, _rows, columns, random) => uniformRow(columns, random),
  rand_softmax: (_row, _rows, columns, random) => softmaxRow(columns, random),
};

/** A depth matrix [rows = target layers, columns = source layers]. Rows sum to 1. */
export function depthMatrix(
  name: DepthInitialName,
  rows: number,
  columns: number,
  random: Random,
): Matrix {
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    data.set(depthInitials[name](row, rows, columns, random), row * columns);
  }
  return { rows, columns, data };
}
