import type { Matrix } from "./operator.js";

/** The rows of a map, told apart by how much work they are. */
export interface MapRows {
  /** Per row the column of its only nonzero entry; {@link EMPTY} where all are zero, {@link DENSE} where several are not. */
  readonly columns: Int32Array;
  /** Per row the only nonzero entry. */
  readonly weights: Float32Array;
  /** Indices of the rows with several nonzero entries. */
  readonly dense: readonly number[];
}

export const EMPTY = -1;
export const DENSE = -2;

/** Sorts the rows of a map: copies and scaled copies need no product. */
export function classifyRows({ rows, columns: width, data }: Matrix): MapRows {
  const columns = new Int32Array(rows).fill(EMPTY);
  const weights = new Float32Array(rows);
  const dense: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      const weight = data[row * width + column] as number;
      if (weight === 0) continue;
      if (columns[row] !== EMPTY) {
        columns[row] = DENSE;
        dense.push(row);
        break;
      }
      columns[row] = column;
      weights[row] = weight;
    }
  }
  return { columns, weights, dense };
}

/** The given rows of a map as a matrix; the map itself where these are all of them. */
export function selectRows(map: Matrix, rows: readonly number[]): Matrix {
  if (rows.length === map.rows) return map;
  const data = new Float32Array(rows.length * map.columns);
  for (const [index, row] of rows.entries()) {
    data.set(map.data.subarray(row * map.columns, (row + 1) * map.columns), index * map.columns);
  }
  return { rows: rows.length, columns: map.columns, data };
}
