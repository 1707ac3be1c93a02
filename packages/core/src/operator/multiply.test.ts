import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { multiply } from "./multiply.js";
import type { Matrix } from "./operator.js";
import { createRandom } from "../random.js";

function random(rows: number, columns: number, seed: number): Matrix {
  const { normal } = createRandom(seed);
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, normal) };
}

function transpose({ rows, columns, data }: Matrix): Matrix {
  const flipped = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) flipped[c * rows + r] = data[r * columns + c]!;
  }
  return { rows: columns, columns: rows, data: flipped };
}

function naive(a: Matrix, b: Matrix): number[] {
  return Array.from({ length: a.rows * b.columns }, (_, index) => {
    const [row, column] = [Math.floor(index / b.columns), index % b.columns];
    let sum = 0;
    for (let k = 0; k < b.rows; k++)
      sum += a.data[row * b.rows + k]! * b.data[k * b.columns + column]!;
    return sum;
  });
}

describe("multiply", () => {
  it("is the sum of products, both ways round", async () => {
    const size = fc.integer({ min: 1, max: 9 });
    await fc.assert(
      fc.asyncProperty(size, size, size, fc.integer(), async (m, k, n, seed) => {
        const [a, b] = [random(m, k, seed), random(k, n, seed + 1)];
        const plain = await multiply(a, b, {});
        expect([plain.rows, plain.columns]).toEqual([m, n]);
        // Sums of up to 9 products of normals, rounded to float32 once.
        expect(plain.data).toBeAllClose(naive(a, b), { absolute: 1e-6, relative: 1e-6 });
        const transposed = await multiply(a, transpose(b), { transposeB: true });
        expect(transposed.data).toBeAllClose(naive(a, b), { absolute: 1e-6, relative: 1e-6 });
      }),
      { seed: 1 },
    );
  });

  it("is right beyond one block of columns", async () => {
    const [a, b] = [random(5, 3, 1), random(3, 1030, 2)];
    const { data } = await multiply(a, b, {});
    expect(data).toBeAllClose(naive(a, b), { absolute: 1e-6, relative: 1e-6 });
  });

  it("sums in float64", async () => {
    const row: Matrix = { rows: 1, columns: 3, data: Float32Array.of(1e8, 1, -1e8) };
    const ones: Matrix = { rows: 1, columns: 3, data: Float32Array.of(1, 1, 1) };
    expect((await multiply(row, ones, { transposeB: true })).data[0]).toBe(1);
    expect((await multiply(row, transpose(ones), {})).data[0]).toBe(1);
  });

  it("refuses shapes that do not fit", async () => {
    await expect(multiply(random(2, 3, 1), random(2, 3, 1), {})).rejects.toThrow(
      "[2, 3] by [2, 3]",
    );
  });
});
