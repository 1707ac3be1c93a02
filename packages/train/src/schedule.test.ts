import fc from "fast-check";
import { describe, expect, it } from "vitest";
import recorded from "./__fixtures__/schedules.json" with { type: "json" };
import {
  createSchedule,
  DECAY_SHAPES,
  linearSchedule,
  SCHEDULE_NAMES,
  type ScheduleOptions,
} from "./index.js";

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
      { seed: 1 },
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

describe("createSchedule", () => {
  const cases = recorded.cases as readonly (ScheduleOptions & {
    readonly rates: readonly number[];
  })[];

  it("has every name recorded", () => {
    expect(new Set(cases.map(({ name }) => name))).toEqual(new Set(SCHEDULE_NAMES));
  });

  it.each(cases.map((one) => [one.name, one.end ?? 0, one.shape ?? one.power ?? 1, one] as const))(
    "is that of transformers: %s to %d, %s",
    (_name, _end, _shape, { rates, ...options }) => {
      const schedule = createSchedule(options);
      // theirs spends the first update at a rate of zero and reaches the peak one later
      const expected = rates.map((rate, step) =>
        step < options.warmup ? (rates[step + 1] as number) : rate,
      );
      // the same formula in float64, in another order
      // (behind the end their cosine rises again)
      for (const [step, rate] of expected.slice(0, options.steps + 1).entries())
        expect(schedule(step), `step ${step}`).toBeCloseTo(rate, 15);
    },
  );

  it("falls from peak to end and stays there, whatever its name", () => {
    fc.assert(
      fc.property(
        settings,
        fc.constantFrom(...SCHEDULE_NAMES),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.1, max: 4, noNaN: true }),
        fc.constantFrom(...DECAY_SHAPES),
        ({ peak, warmup, steps }, name, share, power, shape) => {
          const end = share * peak;
          const rate = createSchedule({ peak, warmup, steps, name, end, power, shape });
          // rounding of a few operations
          const slack = 1e-12 * peak;
          expect(Math.abs(rate(warmup) - peak)).toBeLessThan(slack);
          for (let step = warmup; step < steps; step++) {
            expect(rate(step + 1)).toBeLessThanOrEqual(rate(step) + slack);
            expect(rate(step)).toBeGreaterThanOrEqual(end - slack);
          }
          expect(rate(steps)).toBe(name === "constant" ? peak : end);
          expect(rate(steps + 5)).toBe(rate(steps));
        },
      ),
      { seed: 1 },
    );
  });

  it("stays at its peak until the decay, which is a fifth by default and begins after the warm-up", () => {
    const rates = (options: Partial<ScheduleOptions>): readonly number[] => {
      const rate = createSchedule({ peak: 1, warmup: 2, steps: 10, name: "wsd", ...options });
      return Array.from({ length: 11 }, (_, step) => rate(step));
    };
    const stable = [0.5, 1, 1, 1, 1, 1, 1, 1, 1];
    expect(rates({})).toEqual([...stable, 1 - Math.sqrt(0.5), 0]);
    expect(rates({ shape: "linear", decay: 4 })).toEqual([
      ...stable.slice(0, 7),
      0.75,
      0.5,
      0.25,
      0,
    ]);
    expect(rates({ decay: 1 })).toEqual([...stable, 1, 0]);
    expect(rates({ shape: "linear", decay: 10 })).toEqual(rates({ name: "linear" }));
  });
});
