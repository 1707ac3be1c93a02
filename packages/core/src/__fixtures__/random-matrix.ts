import type { Matrix } from "../operator/operator.js";
import type { Random } from "../random.js";

/** A matrix [rows, columns] of normal numbers. */
export function randomMatrix(rows: number, columns: number, random: Random): Matrix {
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, random.normal) };
}
