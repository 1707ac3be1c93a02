import fc from "fast-check";
import { expect, it } from "vitest";
import { multiply } from "./multiply.js";
import { findNotFinite, finiteTest } from "./not-finite.js";

it("finds what findIndex finds", () => {
  const number = fc.oneof(
    { weight: 20, arbitrary: fc.float() },
    fc.constantFrom(Number.NaN, Infinity, -Infinity),
  );
  fc.assert(
    fc.property(fc.array(number, { maxLength: 40 }), (numbers) => {
      const values = Float32Array.from(numbers);
      expect(findNotFinite(values)).toBe(values.findIndex((value) => !Number.isFinite(value)));
    }),
    { seed: 1 },
  );
});

it.each([0, 5, 4096, 10_000])("tests %i numbers by a product", async (size) => {
  const test = finiteTest(multiply);
  const values = new Float32Array(size).fill(0.5);
  expect(await test(values)).toBe(true);
  for (const index of [0, size >> 1, size - 1]) {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      if (size === 0) continue;
      const damaged = values.slice();
      damaged[index] = value;
      expect(await test(damaged)).toBe(false);
    }
  }
});

it("keeps tests apart that overlap", async () => {
  const slow: typeof multiply = async (a, b, options) => {
    const product = await multiply(a, b, options);
    await new Promise((resolve) => setImmediate(resolve));
    return product;
  };
  const test = finiteTest(slow);
  const fine = new Float32Array(8192);
  const damaged = fine.with(5, Number.NaN);
  expect(await Promise.all([damaged, fine, damaged].map(test))).toEqual([false, true, false]);
});

it("is not sure of numbers whose sum is too large", async () => {
  const test = finiteTest(multiply);
  const values = new Float32Array(8192).fill(3e38);
  expect(await test(values)).toBe(false);
  expect(findNotFinite(values)).toBe(-1);
  // sums that cancel out do not hide one
  values.fill(0);
  values[1] = Infinity;
  values[4097] = -Infinity;
  expect(await test(values)).toBe(false);
});
