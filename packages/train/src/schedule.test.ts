import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linearSchedule } from "./index.js";

const settings = fc
  .record({
    peak: fc.double({ min: 1e-6, max: 1, noNaN: true }),
    warmup: fc.integer({ min: 0, max: 50 }),
    decay: fc.integer({ min: 1, max: 200 }),
  })
  .map(({ decay, ...rest }) => ({ ...rest, steps: rest.warmup + decay }));

describe("linearSchedule", () => {
  it("reaches its peak with the last warm-up step, is zero at the end, and never jumps", () => {
    fc.assert(
      fc.property(settings, ({ peak, warmup, steps }) => {
        const rates = Array.from(
          { length: steps + 3 },
          (_, step) => linearSchedule({ peak, warmup, steps })(step) / peak,
        );
        // the quotients round
        expect(Math.max(...rates)).toBeCloseTo(1, 12);
        expect(rates[warmup]).toBeCloseTo(1, 12);
        if (warmup > 0) expect(rates[warmup - 1]).toBeCloseTo(1, 12);
        expect(rates.slice(0, steps).every((rate) => rate > 0)).toBe(true);
        expect(rates.slice(steps)).toEqual([0, 0, 0]);
        const slope = Math.max(1 / Math.max(1, warmup), 1 / (steps - warmup));
        for (let step = 1; step <= steps; step++) {
          const change = (rates[step] as number) - (rates[step - 1] as number);
          expect(Math.abs(change)).toBeLessThanOrEqual(slope + 1e-12);
          expect(step < warmup ? change > 0 : change < 1e-12).toBe(true);
        }
      }),
    );
  });

  it("starts at the peak without warm-up", () => {
    const rate = linearSchedule({ peak: 2, warmup: 0, steps: 4 });
    expect([0, 1, 2, 3, 4].map(rate)).toEqual([2, 1.5, 1, 0.5, 0]);
  });

  it("never reaches the peak where training ends within the warm-up", () => {
    const rate = linearSchedule({ peak: 1, warmup: 10_000, steps: 100 });
    expect(rate(0)).toBe(1e-4);
    expect(rate(99)).toBe(1e-2);
  });

  it("has no decay where the warm-up is all of it", () => {
    const rate = linearSchedule({ peak: 1, warmup: 4, steps: 4 });
    expect([0, 1, 2, 3].map(rate)).toEqual([0.25, 0.5, 0.75, 1]);
  });
});
