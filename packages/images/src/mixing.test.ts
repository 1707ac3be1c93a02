import { createRandom } from "@ligo/core";
import { describe, expect, it } from "vitest";
import { resizedCropBox } from "./augmentation.js";
import { drawBeta } from "./mixing.js";

describe("drawBeta", () => {
  it.each([0.2, 0.8, 1, 3])("has mean and variance of Beta(a, a) for a = %d", (alpha) => {
    const random = createRandom(4);
    const draws = Array.from({ length: 20000 }, () => drawBeta(alpha, random));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
    expect(draws.every((draw) => draw >= 0 && draw <= 1)).toBe(true);
    // 20000 draws: the standard deviation of the mean is below 0.004, that of the variance below 0.001
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.015);
    expect(Math.abs(variance - 1 / (4 * (2 * alpha + 1)))).toBeLessThan(0.005);
  });
});

describe("resizedCropBox", () => {
  const crop = { kind: "resized", scale: [0.08, 1], ratio: [3 / 4, 4 / 3] } as const;

  it.each([
    [32, 32],
    [100, 20],
    [1, 1],
    [3, 500],
  ])("stays inside of %d x %d", (height, width) => {
    const random = createRandom(1);
    for (let draw = 0; draw < 200; draw++) {
      const box = resizedCropBox({ height, width }, crop, random);
      expect(Math.min(box.left, box.top)).toBeGreaterThanOrEqual(0);
      expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(1);
      expect(box.left + box.width).toBeLessThanOrEqual(width);
      expect(box.top + box.height).toBeLessThanOrEqual(height);
    }
  });

  it("has areas all over the range", () => {
    const random = createRandom(2);
    const areas = Array.from({ length: 2000 }, () => {
      const { width, height } = resizedCropBox({ height: 224, width: 224 }, crop, random);
      return (width * height) / 224 ** 2;
    });
    expect(Math.min(...areas)).toBeGreaterThan(0.07);
    expect(Math.min(...areas)).toBeLessThan(0.1);
    expect(Math.max(...areas)).toBeGreaterThan(0.9);
    const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
    // uniform over 0.08 to 1, but boxes of large area and extreme aspect do not fit and are drawn again
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.56);
  });
});
