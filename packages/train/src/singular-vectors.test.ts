import { createRandom, multiply, type Matrix } from "@ligo/core";
import { expect, it } from "vitest";
import { singularVectors } from "./singular-vectors.js";

/** A matrix of drawn numbers, and of a rank. */
async function drawn(rows: number, columns: number, rank: number): Promise<Matrix> {
  const { normal } = createRandom(4);
  const part = (one: number, other: number): Matrix => ({
    rows: one,
    columns: other,
    data: Float32Array.from({ length: one * other }, normal),
  });
  return multiply(part(rows, rank), part(rank, columns), {});
}

it.each([
  [6, 9, 6],
  [9, 6, 6],
  [8, 8, 3],
])("left singular vectors of a matrix [%d, %d] of rank %d", async (rows, columns, rank) => {
  const matrix = await drawn(rows, columns, rank);
  const { values, vectors } = await singularVectors(matrix);
  expect(values).toHaveLength(rows);
  for (let index = 1; index < rows; index++)
    expect(values[index]!).toBeLessThanOrEqual(values[index - 1]!);
  const inner = await multiply(vectors, vectors, { transposeB: true });
  const identity = inner.data.map((_, index) => Number(index % (rows + 1) === 0));
  // vectors are rounded to float32
  expect(inner.data).toBeAllClose(identity, { absolute: 1e-6 });
  // u^T M is as long as its singular value
  const { data } = await multiply(vectors, matrix, {});
  for (let index = 0; index < rows; index++) {
    const length = Math.hypot(...data.subarray(index * columns, (index + 1) * columns));
    // the square root of what float64 leaves of a product, where the value is 0
    expect(length / values[0]!).toBeCloseTo(values[index]! / values[0]!, 6);
    if (index >= rank) expect(values[index]! / values[0]!).toBeLessThan(1e-6);
  }
});
