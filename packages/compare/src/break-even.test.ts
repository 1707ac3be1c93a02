import { createRandom } from "@ligo/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breakEven } from "./break-even.js";
import { formatBreakEven } from "./comparison-table.js";
import type { CellResult } from "./run-cell.js";

const STEPS = Array.from({ length: 21 }, (_, index) => index * 1e13);

/** A cell whose loss at some operations is given. */
function cell(name: string, seed: number, lossAt: (flops: number) => number): CellResult {
  return {
    key: `${name}-${seed}`,
    name,
    method: name,
    seed,
    growth: null,
    steps: 20,
    curve: STEPS.map((flops, step) => ({ step, flops, seconds: step, loss: lossAt(flops) })),
    accuracy: null,
    downstream: {},
    diverged: null,
  };
}

/** Two rows, one above the other by a line in the logarithm of operations that is zero at `zero`, with noise seed by seed. */
function rows(zero: number, noise: (seed: number, flops: number) => number = () => 0) {
  const source = (flops: number): number => 3 - flops / 1e15;
  return [0, 1].flatMap((seed) => [
    cell("source", seed, source),
    cell(
      "grown",
      seed,
      (flops) => source(flops) + 0.1 * Math.log(zero / (flops + 1e9)) + noise(seed, flops),
    ),
  ]);
}

describe("breakEven", () => {
  it("is where the mean falls below for good, if that was run", () => {
    const cells = rows(1.2e14);
    const found = breakEven(cells, "grown", "source");
    expect(found).toMatchObject({ isMeasured: true, interval: undefined });
    expect(found?.flops).toBeCloseTo(1.2e14, -12);
    expect(formatBreakEven(found)).toBe("120 TFLOPs");
  });

  it("is the start of a row that is below all the time", () => {
    const cells = [cell("source", 0, () => 3), cell("grown", 0, () => 2.9)];
    expect(formatBreakEven(breakEven(cells, "grown", "source"))).toBe("the start");
  });

  it("is where the trend leads, if it was not", () => {
    const found = breakEven(rows(1e15), "grown", "source");
    expect(found?.isMeasured).toBe(false);
    expect((found?.flops ?? 0) / 1e15).toBeCloseTo(1, 4);
    // a line without noise has no width
    for (const end of found?.interval ?? []) expect(end / 1e15).toBeCloseTo(1, 3);
  });

  it("has an interval of Fieller: a line as far from zero there as it is uncertain", () => {
    // differences of 1 with errors of 0.1, 0 and -0.1 in turn
    const noise = (seed: number, flops: number): number =>
      0.01 * ((Math.round(flops / 1e13) + seed) % 3) - 0.01;
    const found = breakEven(rows(1e15, noise), "grown", "source");
    const [low = NaN, high = NaN] = found?.interval ?? [];
    expect(low).toBeLessThan(1e15);
    expect(high).toBeGreaterThan(1e15);
    expect(formatBreakEven(found)).toBe("972 TFLOPs (733 TFLOPs to 1.45 PFLOPs) by its trend");
  });

  it("holds the truth in 95 of 100 trials, where points are independent", () => {
    const { normal } = createRandom(3);
    const trials = Array.from({ length: 500 }, () => {
      const errors = Array.from({ length: 2 * STEPS.length }, () => 0.02 * normal());
      const noise = (seed: number, flops: number): number =>
        errors[STEPS.length * seed + Math.round(flops / 1e13)] ?? 0;
      return breakEven(rows(1e15, noise), "grown", "source");
    });
    const held = trials.filter((one) => {
      const [low = NaN, high = NaN] = one?.interval ?? [];
      return low <= 1e15 && 1e15 <= high;
    });
    // two and a half standard errors of a share of 500
    expect(Math.abs(held.length / trials.length - 0.95)).toBeLessThan(0.025);
  });

  it("lies beyond what was run, within its interval, whatever the noise", () => {
    const end = STEPS.at(-1) ?? NaN;
    fc.assert(
      fc.property(
        fc.double({ min: 2.5e14, max: 1e17, noNaN: true }),
        fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 42, maxLength: 42 }),
        (zero, errors) => {
          const noise = (seed: number, flops: number): number =>
            errors[21 * seed + Math.round(flops / 1e13)] ?? 0;
          const found = breakEven(rows(zero, noise), "grown", "source");
          if (found === undefined || found.isMeasured) return;
          const [low = NaN, high = NaN] = found.interval ?? [];
          expect(low).toBeGreaterThanOrEqual(end);
          expect(found.flops).toBeGreaterThanOrEqual(low * (1 - 1e-9));
          expect(found.flops).toBeLessThanOrEqual(high * (1 + 1e-9));
        },
      ),
      { seed: 1 },
    );
  });

  it("is none where the trend leads away, or there is nothing to compare with", () => {
    const cells = [cell("source", 0, () => 3), cell("grown", 0, (flops) => 3.1 + flops / 1e15)];
    expect(breakEven(cells, "grown", "source")).toBeUndefined();
    expect(breakEven(cells, "grown", "nobody")).toBeUndefined();
    expect(formatBreakEven(undefined)).toBe("-");
  });
});
