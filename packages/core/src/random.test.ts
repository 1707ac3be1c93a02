import { describe, expect, it } from "vitest";
import { createRandom } from "./random.js";

function draw<Value>(count: number, next: () => Value): Value[] {
  return Array.from({ length: count }, next);
}

describe("createRandom", () => {
  it("repeats itself, and differs between seeds in any word", () => {
    const first = (seed: number) => draw(4, createRandom(seed).uniform);
    expect(first(7)).toEqual(first(7));
    const starts = [0, 1, -1, 7, 2 ** 32, 2 ** 32 + 7, -(2 ** 40)].map((seed) =>
      first(seed).join(),
    );
    expect(new Set(starts).size).toBe(starts.length);
  });

  it("keeps its numbers over versions: grown checkpoints depend on them", () => {
    const random = createRandom(42);
    expect(draw(3, () => random.integer(1_000_000))).toMatchInlineSnapshot(`
      [
        163159,
        903461,
        338914,
      ]
    `);
    expect(createRandom(42).fork("width.embed").integer(1_000_000)).toMatchInlineSnapshot(`312620`);
  });

  it("forks by seed and label, whatever was drawn before", () => {
    const random = createRandom(1);
    const before = random.fork("a").uniform();
    draw(10, random.uniform);
    expect(random.fork("a").uniform()).toBe(before);
    const values = ["a", "b", "ab", "ba", ""].map((label) => random.fork(label).uniform());
    values.push(random.fork("a").fork("b").uniform(), random.fork("b").fork("a").uniform());
    values.push(createRandom(2).fork("a").uniform());
    expect(new Set(values).size).toBe(values.length);
  });

  it("is uniform", () => {
    const random = createRandom(3);
    const values = draw(20000, random.uniform);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const counts = Array.from({ length: 10 }, () => 0);
    for (const value of values) counts[Math.floor(value * 10)]! += 1;
    // Each count has mean 2000 and standard deviation 42; six of them.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(6 * 42);
  });

  it("draws integers of every value below n", () => {
    const random = createRandom(4);
    expect(new Set(draw(200, () => random.integer(5)))).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(random.integer(1)).toBe(0);
    for (const n of [0, -1, 1.5, Number.NaN, 2 ** 33]) {
      expect(() => random.integer(n)).toThrow(RangeError);
    }
    expect(() => createRandom(0.5)).toThrow(RangeError);
  });

  it("is normal in its first moments and its tail", () => {
    const values = draw(20000, createRandom(5).normal);
    const moment = (power: number) =>
      values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    // Standard errors of the moments 1, 2 and 4 at 20000 draws: 0.007, 0.01, 0.07; five of them.
    expect(Math.abs(moment(1))).toBeLessThan(0.035);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.05);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.35);
  });
});
