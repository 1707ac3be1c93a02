import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseStart, standing, TOLERANCE } from "./choose-start.js";
import type { ProbedStart } from "./facts.js";

const start = (
  method: ProbedStart["method"],
  loss: number,
  trained: number | null,
): ProbedStart => ({ method, loss, trained });

describe("chooseStart", () => {
  it("takes what keeps the function of a finished source: the others are ruin", () => {
    // SmolLM2-135M to 768 wide
    const starts = [start("ligo", 7.025, 6.41), start("lemon", 3.045, 2.95)];
    expect(chooseStart(starts, 15)).toEqual({
      method: "lemon",
      because: "after 15 steps of training ligo stands 3.46 above it",
      settled: true,
    });
  });

  it("takes what trains on best from a half-trained one: it is level soon", () => {
    // a GPT-2 of 0.3 million parameters
    const starts = [start("ligo", 4.958, 4.726), start("lemon", 4.714, 4.731)];
    expect(chooseStart(starts, 35)).toMatchObject({ method: "ligo", settled: true });
    expect(chooseStart([starts[1]!, starts[0]!], 35).method).toBe("lemon");
  });

  it("goes by the losses before training where there was none", () => {
    const starts = [start("direct-copy", 4.8, null), start("lemon", 4.714, null)];
    expect(chooseStart(starts, 0)).toEqual({
      method: "direct-copy",
      because:
        "it stands within 0.1 of lemon before any training, and trains on better where the source is not at its end",
      settled: true,
    });
  });

  it("leaves the choice open where a longer look may bring a preferred start near", () => {
    const trained = (loss: number): boolean =>
      chooseStart([start("ligo", 5, loss), start("lemon", 3, 3)], 8).settled;
    expect([3.1, 3.11, 4, 4.01].map(trained)).toEqual([true, false, false, true]);
  });

  it("never takes a start that stands more than the tolerance above another", () => {
    const losses = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(losses, (trained) => {
        const names = ["ligo", "direct-copy", "stack", "lemon"] as const;
        const starts = trained.map((loss, index) => start(names[index]!, 20, loss));
        const { method } = chooseStart(starts, 1);
        const taken = starts.find((one) => one.method === method)!;
        expect(standing(taken)).toBeLessThanOrEqual(Math.min(...trained) + TOLERANCE);
        // and none that is preferred would have done
        for (const one of starts.slice(0, starts.indexOf(taken)))
          expect(standing(one)).toBeGreaterThan(Math.min(...trained) + TOLERANCE);
      }),
      { seed: 1 },
    );
  });
});
