import fc from "fast-check";
import { expect, test } from "vitest";
import { splitBlocks } from "./split-blocks.js";
import type { TokenBlocks } from "./blocks.js";

/** Block k holds the tokens k, k, k. */
function numbered(count: number): TokenBlocks {
  return {
    sequence: 3,
    count,
    tokens: Int32Array.from({ length: 3 * count }, (_, at) => Math.floor(at / 3)),
  };
}

function numbers(blocks: TokenBlocks): number[] {
  expect(blocks.tokens).toHaveLength(blocks.count * blocks.sequence);
  return Array.from({ length: blocks.count }, (_, block) => {
    const row = [...blocks.tokens.subarray(3 * block, 3 * block + 3)];
    expect(new Set(row).size).toBe(1);
    return row[0] ?? -1;
  });
}

test("both parts together are the whole, in order, without overlap, and neither is empty", () => {
  const heldOut = fc.oneof(
    fc.double({ min: 0.001, max: 0.9, noNaN: true }),
    fc.integer({ min: 1, max: 20 }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 300 }), heldOut, fc.nat(), (count, share, seed) => {
      const split = splitBlocks(numbered(count), { heldOut: share, seed });
      const train = numbers(split.train);
      const judged = numbers(split.heldOut);
      expect(judged).toHaveLength(share < 1 ? Math.max(1, Math.round(share * count)) : share);
      expect([...train, ...judged].sort((one, other) => one - other)).toEqual(
        numbers(numbered(count)),
      );
      expect(train).toEqual([...train].sort((one, other) => one - other));
      expect(judged).toEqual([...judged].sort((one, other) => one - other));
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("the held-out blocks are spread over the corpus", () => {
  const { heldOut } = splitBlocks(numbered(1000), { heldOut: 0.1, seed: 7 });
  expect(numbers(heldOut).map((block) => Math.floor(block / 10))).toEqual(
    Array.from({ length: 100 }, (_, k) => k),
  );
});

test("depends on the seed and on nothing else", () => {
  const blocks = numbered(200);
  const split = splitBlocks(blocks, { heldOut: 10, seed: 1 });
  expect(splitBlocks(blocks, { heldOut: 10, seed: 1 })).toEqual(split);
  expect(splitBlocks(blocks, { heldOut: 10, seed: 2 })).not.toEqual(split);
});

test.each([
  [1, 0.1],
  [5, 5],
  [2, 0.9],
])("%i blocks with %d held out leave none to train on", (count, heldOut) => {
  expect(() => splitBlocks(numbered(count), { heldOut, seed: 1 })).toThrow(
    expect.objectContaining({ code: "data/too-small" }) as Error,
  );
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  "heldOut %d is refused",
  (heldOut) => {
    expect(() => splitBlocks(numbered(10), { heldOut, seed: 1 })).toThrow(
      expect.objectContaining({ code: "data/bad-option" }) as Error,
    );
  },
);
