import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PROBE_SHARE, probeSize } from "./probe-size.js";

describe("probeSize", () => {
  it("takes at most its share of any budget, and looks wherever it can", () => {
    const whole = fc.integer({ min: 1, max: 4096 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        whole,
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 4 }),
        (budget, perExample, batch, starts) => {
          const size = probeSize({ budget, perExample, perStep: batch * perExample, starts });
          const cost = size.looks.reduce((sum, look) => sum + look.cost, size.source);
          expect(cost).toBeLessThanOrEqual(PROBE_SHARE * budget * (1 + 1e-12));
          const judging = ((1 + 2 * starts) * perExample) / 3;
          expect(size.examples === 0).toBe(judging > 0.3 * PROBE_SHARE * budget);
          if (size.examples === 0) expect(size).toEqual({ examples: 0, source: 0, looks: [] });
          else expect(size.looks.length).toBeGreaterThan(0);
        },
      ),
      { seed: 1 },
    );
  });

  it("is a short look, and longer ones as far as the budget goes", () => {
    const stepsOf = (budget: number): readonly number[] =>
      probeSize({ budget, perExample: 64, perStep: 2048, starts: 2 }).looks.map(
        ({ steps }) => steps,
      );
    expect([700, 2000, 10_000].map((steps) => stepsOf(steps * 2048))).toEqual([
      [8],
      [8, 32],
      [8, 32, 128],
    ]);
  });

  it("of 300 steps of 4 x 256 tokens is a few steps of two starts", () => {
    const size = probeSize({ budget: 300 * 1024, perExample: 256, perStep: 1024, starts: 2 });
    expect(size).toMatchObject({ examples: 10, looks: [{ steps: 5 }] });
  });
});
