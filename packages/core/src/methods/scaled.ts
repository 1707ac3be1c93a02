import type { Matrix } from "../operator/operator.js";

/** A matrix times a number. */
export function scaled(matrix: Matrix, factor: number): Matrix {
  return factor === 1 ? matrix : { ...matrix, data: matrix.data.map((value) => factor * value) };
}
