import { expect, it } from "vitest";
import { createRandom } from "../random.js";
import { createScratch, lease } from "../stream/scratch.js";
import { weightedSum } from "./weighted-sum.js";

/** Longer than the part that is summed at once, and no multiple of it. */
const LENGTH = 2500;

/** Sums in float64, part by part, rounded once. */
function plainSum(weights: readonly number[], numbers: readonly Float32Array[]): Float32Array {
  return Float32Array.from({ length: LENGTH }, (_, index) =>
    weights
      .map((weight, part) => weight * (numbers[part]?.[index] as number))
      .reduce((sum, product) => sum + product),
  );
}

it.each([0, 1, 2, 3, 6])("is the sum of %i parts in their order, bit for bit", async (count) => {
  const random = createRandom(count);
  const numbers = Array.from({ length: count }, () =>
    // -0 alone sums to -0
    Float32Array.from({ length: LENGTH }, (_, index) => (index % 7 === 0 ? -0 : random.normal())),
  );
  const weights = numbers.map((_, part) => (part === 1 ? 1e-9 : random.uniform()));
  const expected = count === 0 ? new Float32Array(LENGTH) : plainSum(weights, numbers);
  const shared = new Float32Array(LENGTH);
  // Which parts lie in the shared array: none, all, or every other one.
  for (const isShared of [() => false, () => true, (part: number) => part % 2 === 0]) {
    const into = new Float32Array(LENGTH).fill(Number.NaN);
    const parts = numbers.map((data, part) => ({
      weight: weights[part] as number,
      async data() {
        if (!isShared(part)) return data;
        shared.set(data);
        return shared;
      },
    }));
    await weightedSum(parts, into, shared, lease(createScratch()));
    expect(into).toEqual(expected);
  }
});
