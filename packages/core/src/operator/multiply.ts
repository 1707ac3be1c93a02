import type { Matrix } from "./operator.js";

export interface MultiplyOptions {
  /** Multiply by the transpose of the second matrix. Default false. */
  readonly transposeB?: boolean;
  /** Place for the product: as many numbers as it has, in none of the operands. Default a new array. */
  readonly into?: Float32Array;
}

/** A matrix product, A B or A B^T. Engines may bring their own; the arguments must not be changed or kept. */
export type Multiply = (a: Matrix, b: Matrix, options: MultiplyOptions) => Promise<Matrix>;

/** Rows of A taken together, so that each number of B read from memory is used as often. */
const ROW_BLOCK = 4;
/** Columns of B taken together: 4 rows of 1024 float64 sums and as many float32 of B stay in the first-level cache. */
const COLUMN_BLOCK = 1024;

/** The product in plain TypeScript: float32 in and out, sums in float64. */
export const multiply: Multiply = async (a, b, { transposeB = false, into }) => {
  const columns = transposeB ? b.rows : b.columns;
  const inner = transposeB ? b.columns : b.rows;
  if (a.columns !== inner) {
    throw new RangeError(
      `Cannot multiply [${a.rows}, ${a.columns}] by ${transposeB ? "the transpose of " : ""}[${b.rows}, ${b.columns}].`,
    );
  }
  const data = into ?? new Float32Array(a.rows * columns);
  if (transposeB) timesTranspose(a, b, data);
  else times(a, b, data);
  return { rows: a.rows, columns, data };
};

function times(a: Matrix, b: Matrix, out: Float32Array): void {
  const { rows, columns: inner } = a;
  const { columns } = b;
  const left = a.data;
  const right = b.data;
  const sums = new Float64Array(ROW_BLOCK * COLUMN_BLOCK);
  for (let row = 0; row < rows; row += ROW_BLOCK) {
    const height = Math.min(ROW_BLOCK, rows - row);
    for (let column = 0; column < columns; column += COLUMN_BLOCK) {
      const width = Math.min(COLUMN_BLOCK, columns - column);
      sums.fill(0);
      for (let k = 0; k < inner; k++) {
        const start = k * columns + column;
        for (let r = 0; r < height; r++) {
          const factor = left[(row + r) * inner + k] as number;
          if (factor === 0) continue;
          const sumStart = r * COLUMN_BLOCK;
          for (let c = 0; c < width; c++) {
            (sums[sumStart + c] as number) += factor * (right[start + c] as number);
          }
        }
      }
      for (let r = 0; r < height; r++) {
        const part = sums.subarray(r * COLUMN_BLOCK, r * COLUMN_BLOCK + width);
        out.set(part, (row + r) * columns + column);
      }
    }
  }
}

function timesTranspose(a: Matrix, b: Matrix, out: Float32Array): void {
  const inner = a.columns;
  const left = a.data;
  const right = b.data;
  for (let first = 0; first < b.rows; first += ROW_BLOCK) {
    const last = Math.min(first + ROW_BLOCK, b.rows);
    for (let row = 0; row < a.rows; row++) {
      const leftStart = row * inner;
      for (let column = first; column < last; column++) {
        const rightStart = column * inner;
        let even = 0;
        let odd = 0;
        let k = 0;
        for (; k + 1 < inner; k += 2) {
          even += (left[leftStart + k] as number) * (right[rightStart + k] as number);
          odd += (left[leftStart + k + 1] as number) * (right[rightStart + k + 1] as number);
        }
        if (k < inner) even += (left[leftStart + k] as number) * (right[rightStart + k] as number);
        out[row * b.rows + column] = even + odd;
      }
    }
  }
}
