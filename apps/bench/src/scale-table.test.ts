import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { estimateScale, gpuTable, SCALE_CASES, scaleTable, type ScaleCase } from "./scale-table.js";

const pageNamed = (path: string): string =>
  readFileSync(new URL(`../../../docs/${path}`, import.meta.url), "utf8");

describe("estimates at scale", () => {
  it("stand in the pages as they are computed", () => {
    expect(pageNamed("research/scale.md")).toContain(`\n${scaleTable()}\n`);
    expect(pageNamed("guide/scale.md")).toContain(`\n${gpuTable()}\n`);
  });

  it("agree with counts by hand", () => {
    const { parameters, memory, flops } = estimateScale(SCALE_CASES[0] as ScaleCase);
    // GPT-2: V d + T d + L (12 d^2 + 13 d) + 2 d
    const count = (layers: number, d: number): number =>
      50_257 * d + 1024 * d + layers * (12 * d * d + 13 * d) + 2 * d;
    expect(parameters).toEqual({ small: count(24, 1024), large: count(24, 2048) });
    expect(memory.train).toBe(16 * count(24, 2048));
    // 6 FLOPs a weight and token, positions left out (looked up), and attention: 12 L T d a token (Kaplan et al., 2020)
    const tokens = 32 * 1024;
    const weights = 50_257 * 2048 + 24 * 12 * 2048 ** 2;
    const training = 100 * tokens * (6 * weights + 12 * 24 * 1024 * 2048);
    // beyond 2^53 sums round
    expect(flops.training / training).toBeCloseTo(1, 12);
    expect(flops.planned).toBeLessThan(flops.naive);
  });
});
