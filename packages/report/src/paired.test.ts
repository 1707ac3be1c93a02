import { describe, expect, it } from "vitest";
import recorded from "./__fixtures__/statistics.json" with { type: "json" };
import { isTie, pairedDifference } from "./paired.js";
import { studentT } from "./student-t.js";

describe("studentT", () => {
  it.each(recorded.quantiles)(
    "is scipy's: $degrees degrees of freedom, $probability",
    ({ degrees, probability, t }) => {
      // the same function; float64 in another order
      expect(studentT(degrees, probability) / t).toBeCloseTo(1, 11);
    },
  );

  it("refuses what has no quantile", () => {
    expect(() => studentT(0, 0.95)).toThrow("1 degree of freedom or more, not 0");
    expect(() => studentT(1.5, 0.95)).toThrow("not 1.5");
    expect(() => studentT(2, 1)).toThrow("between 0 and 1; 1 does not");
  });
});

describe("pairedDifference", () => {
  it.each(recorded.pairs)(
    "has the interval of scipy's paired test: $a, $b",
    ({ a, b, interval }) => {
      const differences = a.map((value, index) => value - (b[index] as number));
      const found = pairedDifference(differences);
      const [low = NaN, high = NaN] = found?.interval ?? [];
      expect(low).toBeCloseTo(interval[0] as number, 12);
      expect(high).toBeCloseTo(interval[1] as number, 12);
      expect(found && isTie(found)).toBe(low <= 0 && high >= 0);
    },
  );

  it("has no interval of one pair, which is no tie, and is nothing of none", () => {
    const one = pairedDifference([0.01]);
    expect(one).toMatchObject({ count: 1, mean: 0.01, interval: undefined });
    expect(one && isTie(one)).toBe(false);
    expect(pairedDifference([])).toBeUndefined();
  });

  it("is a tie where all pairs are alike, and none where they differ by the same", () => {
    expect(isTie({ interval: pairedDifference([0, 0])?.interval })).toBe(true);
    expect(isTie({ interval: pairedDifference([0.5, 0.5])?.interval })).toBe(false);
  });
});
