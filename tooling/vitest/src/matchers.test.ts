import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareNumbers } from "./matchers.js";

describe("toBeAllClose", () => {
  it("accepts numbers within the tolerance, in plain, nested and typed arrays", () => {
    expect([1, 2]).toBeAllClose([1, 2 + 5e-7]);
    expect(new Float32Array([0.1])).toBeAllClose([0.1], { absolute: 1e-8 });
    expect([
      [1, 2],
      [3, 4],
    ]).toBeAllClose(
      [
        [1, 2],
        [3, 4.3],
      ],
      { relative: 0.1 },
    );
    expect([new Float64Array([1])]).toBeAllClose([[1]]);
    expect(BigInt64Array.of(3n)).toBeAllClose([3]);
    expect([Number.NaN, Number.POSITIVE_INFINITY]).toBeAllClose([
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]);
    expect([]).toBeAllClose(new Float32Array(0));
  });

  it("names the worst element, its values and the tolerance", () => {
    expect(() =>
      expect([
        [0, 1],
        [2, 3],
      ]).toBeAllClose(
        [
          [0, 1.5],
          [2, 1],
        ],
        { absolute: 0.25 },
      ),
    ).toThrow(
      "2 of 4 numbers differ; the worst is at [1, 1]: received 3, expected 1, difference 2, allowed 0.25",
    );
  });

  it("counts NaN and infinities as the worst", () => {
    expect(compareNumbers([9, Number.NaN], [1, 1])).toContain("at [1]: received NaN, expected 1");
    expect(compareNumbers([1], [Number.POSITIVE_INFINITY], { relative: 1 })).toContain("1 of 1");
    expect(compareNumbers([1], [Number.NaN])).toContain("1 of 1");
  });

  it("refuses arrays of different shapes and things that are no numbers", () => {
    expect(compareNumbers([1, 2], [1])).toBe("received shape [2], expected shape [1]");
    expect(compareNumbers([[1, 2]], [1, 2])).toBe("received shape [1x2], expected shape [2]");
    expect(() => compareNumbers([[1], [1, 2]], [1])).toThrow("ragged");
    expect(() => compareNumbers(["1"], [1])).toThrow("got string");
  });

  it("can be negated", () => {
    expect([1]).not.toBeAllClose([2]);
    expect(() => expect([1]).not.toBeAllClose([1])).toThrow("all are close");
  });

  it("agrees with the definition", () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const tolerance = fc.double({ min: 1e-9, max: 10, noNaN: true });
    fc.assert(
      fc.property(number, number, tolerance, tolerance, (got, want, absolute, relative) => {
        const allowed = absolute + relative * Math.abs(want);
        // Both sides of the boundary round differently by a few units in the last place.
        fc.pre(Math.abs(Math.abs(got - want) / allowed - 1) > 1e-12);
        const close = compareNumbers([got], [want], { absolute, relative }) === undefined;
        expect(close).toBe(Math.abs(got - want) < allowed);
      }),
      { seed: 1 },
    );
  });
});
