import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { expandLayout } from "../layout/layout-names.js";
import { gradualStacking, isFrozen, multiStageLayerwise, timePhases } from "./phases.js";

const key = "num_hidden_layers";

describe("gradual stacking", () => {
  it("has the published steps: 3, 6 and 12 layers for 50, 70 and 280 thousand", () => {
    const phases = timePhases(gradualStacking({ key, layers: [3, 6, 12] }), 400_000);
    expect(phases.map(({ config, from, to, method }) => [config[key], from, to, method])).toEqual([
      [3, 0, 50_000, undefined],
      [6, 50_000, 120_000, "stack"],
      [12, 120_000, 400_000, "stack"],
    ]);
  });

  it("needs a share for each phase", () => {
    expect(() => gradualStacking({ key, layers: [3, 6] })).toThrow(
      expect.objectContaining({ code: "plan/phases", actual: "3 shares" }),
    );
  });
});

describe("multi-stage layerwise training", () => {
  const phases = multiStageLayerwise({
    key,
    layers: [2, 4, 6],
    below: ["^bert\\.embeddings\\."],
    joint: 0.4,
  });

  it("trains what is new, and everything at the end", () => {
    expect(timePhases(phases, 100).map(({ from, to }) => [from, to])).toEqual([
      [0, 20],
      [20, 40],
      [40, 60],
      [60, 100],
    ]);
    expect(
      phases.map(({ config, frozen, method }) => [config[key], frozen?.layers, method]),
    ).toEqual([
      [2, undefined, undefined],
      [4, 2, "fpi"],
      [6, 4, "fpi"],
      [6, undefined, undefined],
    ]);
  });

  it("freezes the lower layers and what lies below them", () => {
    const layout = bertLayout({ layers: 4, hidden: 8, heads: 2, intermediate: 8 });
    const frozen = expandLayout(layout)
      .filter((tensor) => isFrozen(layout, tensor, phases[1]!.frozen!))
      .map(({ name }) => name);
    expect(frozen).toContain("bert.embeddings.word_embeddings.weight");
    expect(frozen).toContain("bert.encoder.layer.1.output.dense.weight");
    expect(frozen.some((name) => /layer\.[23]\.|^cls\./.test(name))).toBe(false);
  });
});

describe("phases", () => {
  it("cover all steps without gaps", () => {
    const shares = fc
      .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.map((part) => part / parts.reduce((a, b) => a + b)));
    fc.assert(
      fc.property(shares, fc.integer({ min: 120, max: 100_000 }), (all, steps) => {
        const timed = timePhases(
          all.map((share) => ({ config: {}, share })),
          steps,
        );
        expect([timed[0]!.from, timed.at(-1)!.to]).toEqual([0, steps]);
        for (const [index, { from, to }] of timed.entries()) {
          expect(from).toBe(timed[index - 1]?.to ?? 0);
          // both ends are rounded, by half a step at most; sums and products of shares are, by some units in the last place
          expect(Math.abs(to - from - all[index]! * steps)).toBeLessThanOrEqual(1 + 1e-14 * steps);
        }
      }),
      { seed: 1 },
    );
  });

  it("refuse shares that are not all there, and phases without a step", () => {
    expect(() => timePhases([{ config: {}, share: 0.5 }], 10)).toThrow(
      expect.objectContaining({ code: "plan/phases", actual: "0.5" }),
    );
    const tiny = [0.001, 0.999].map((share) => ({ config: {}, share }));
    expect(() => timePhases(tiny, 10)).toThrow(expect.objectContaining({ code: "plan/phases" }));
  });
});
