import fc from "fast-check";
import { expect, it } from "vitest";
import { findNotFinite } from "./not-finite.js";

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
  );
});
