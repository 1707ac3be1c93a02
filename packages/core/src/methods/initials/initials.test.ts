import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Matrix } from "../../operator/operator.js";
import { createRandom } from "../../random.js";
import { depthInitials, depthMatrix, type DepthInitialName } from "./depth.js";
import { widthInitials, widthMatrix, type WidthInitialName } from "./width.js";

function rowsOf({ rows, columns, data }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, row) => [
    ...data.subarray(row * columns, (row + 1) * columns),
  ]);
}

const sum = (row: readonly number[]): number => row.reduce((total, value) => total + value, 0);
const hot = (matrix: Matrix): number[] =>
  rowsOf(matrix).map((row) => row.indexOf(Math.max(...row)));

describe("depth starts", () => {
  it("stack and interlace", () => {
    const random = createRandom(1);
    expect(hot(depthMatrix("stackbert", 5, 2, random))).toEqual([0, 1, 0, 1, 0]);
    expect(hot(depthMatrix("interlace", 6, 3, random))).toEqual([0, 0, 1, 1, 2, 2]);
    expect(hot(depthMatrix("interlace", 5, 2, random))).toEqual([0, 0, 0, 1, 1]);
    expect(rowsOf(depthMatrix("stackbert", 2, 2, random))).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it("keeps its main coefficient near 0.93 under noise over 6 layers", () => {
    const matrix = depthMatrix("stackbert_noisy", 1200, 6, createRandom(2));
    const main = rowsOf(matrix).map((row, index) => row[index % 6]!);
    // 1 / (1 + 5 * 0.015) = 0.930; between no noise and all noise at its largest.
    expect(Math.abs(sum(main) / main.length - 0.93)).toBeLessThan(0.005);
    expect(Math.min(...main)).toBeGreaterThan(1 / 1.15);
    expect(hot(depthMatrix("interlace_noisy", 4, 2, createRandom(3)))).toEqual([0, 0, 1, 1]);
  });

  it("has rows that sum to 1, and repeats itself", () => {
    const name = fc.constantFrom(...(Object.keys(depthInitials) as DepthInitialName[]));
    const size = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(name, size, size, fc.integer(), (initial, more, columns, seed) => {
        const matrix = depthMatrix(initial, columns + more, columns, createRandom(seed));
        expect(matrix).toEqual(depthMatrix(initial, columns + more, columns, createRandom(seed)));
        for (const row of rowsOf(matrix)) {
          // Up to 7 float32 roundings of numbers below 1.
          expect(Math.abs(sum(row) - 1)).toBeLessThan(1e-6);
          expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
        }
      }),
      { seed: 1 },
    );
  });
});

describe("width starts", () => {
  it("keep the old rows and fill the new ones", () => {
    for (const name of Object.keys(widthInitials) as WidthInitialName[]) {
      const rows = rowsOf(widthMatrix(name, 5, 3, createRandom(4)));
      expect(rows.slice(0, 3)).toEqual([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]);
      expect(rows.slice(3).every((row) => sum(row) > 0.99)).toBe(true);
      expect(rowsOf(widthMatrix(name, 3, 3, createRandom(4)))).toEqual(rows.slice(0, 3));
    }
  });

  it("rand is spread widely, rand_softmax narrowly around the mean", () => {
    const entries = (name: WidthInitialName) =>
      rowsOf(widthMatrix(name, 300, 100, createRandom(5)))
        .slice(100)
        .flat();
    // Uniform on [0, 1) over a sum near 50 reaches from 0 to 0.02 or a little above.
    expect(Math.min(...entries("rand"))).toBeLessThan(1e-4);
    expect(Math.max(...entries("rand"))).toBeGreaterThan(0.018);
    // exp of it lies between 1 and e, over a sum near 100 (e - 1).
    expect(Math.min(...entries("rand_softmax"))).toBeGreaterThan(0.005);
    expect(Math.max(...entries("rand_softmax"))).toBeLessThan(0.018);
  });

  it("sel copies one old unit, any of them; sel_noisy adds small noise", () => {
    const copies = widthMatrix("sel", 203, 3, createRandom(6));
    expect(rowsOf(copies).every((row) => sum(row) === 1 && Math.max(...row) === 1)).toBe(true);
    expect(new Set(hot(copies).slice(3))).toEqual(new Set([0, 1, 2]));
    for (const row of rowsOf(widthMatrix("sel_noisy", 43, 3, createRandom(7))).slice(3)) {
      const [main, ...rest] = row.toSorted((a, b) => b - a);
      expect(main).toBe(1);
      expect(Math.max(...rest)).toBeLessThanOrEqual(0.03);
      expect(Math.max(...rest)).toBeGreaterThan(0);
    }
  });
});
