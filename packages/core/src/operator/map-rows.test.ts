import fc from "fast-check";
import { expect, it } from "vitest";
import { classifyRows } from "./map-rows.js";

it("lists every row once, as what it is, in runs that are as long as they can be", () => {
  const entry = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(0, 0, 0, -0) },
    { weight: 1, arbitrary: fc.constantFrom(1, 1, 2) },
  );
  const matrix = fc
    .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 30 }), fc.nat(1))
    .chain(([rows, columns, start]) =>
      fc.array(entry, { minLength: rows * columns, maxLength: rows * columns }).map((data) => ({
        rows,
        columns,
        // Not where a float64 could lie, too.
        data: Float32Array.from([...new Float32Array(start), ...data]).subarray(start),
      })),
    );
  fc.assert(
    fc.property(matrix, (map) => {
      const { rows, columns, data } = map;
      const values = data.map((value) => (value === 0 ? 0 : value));
      const found = classifyRows(map);
      const rebuilt = new Float32Array(data.length);
      for (const { row, column, count } of found.copied)
        for (let k = 0; k < count; k++) rebuilt[(row + k) * columns + column + k] = 1;
      for (const { row, column, weight } of found.scaled) rebuilt[row * columns + column] = weight;
      for (const { row, count } of found.dense) {
        const [begin, end] = [row * columns, (row + count) * columns];
        rebuilt.set(values.subarray(begin, end), begin);
        for (let k = row; k < row + count; k++) {
          const nonzero = data.subarray(k * columns, (k + 1) * columns).filter((x) => x !== 0);
          expect(nonzero.length).toBeGreaterThan(1);
        }
      }
      expect(rebuilt).toEqual(values);
      expect(found.scaled.every(({ weight }) => weight !== 0 && weight !== 1)).toBe(true);
      const ends = found.dense.map(({ row, count }) => row + count);
      expect(found.dense.some(({ row }) => ends.includes(row))).toBe(false);
      expect(rows).toBeGreaterThan(0);
    }),
    { seed: 1 },
  );
});
