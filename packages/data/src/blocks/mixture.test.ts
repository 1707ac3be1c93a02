import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { causalBatches } from "../batches/causal-batches.js";
import { createMixture, mixtureEpoch } from "./mixture.js";
import type { StoredBlocks } from "./blocks.js";

const weights = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), {
  minLength: 1,
  maxLength: 6,
});

describe("createMixture", () => {
  test("draws every source in proportion, each from its start without a gap", () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 500 }), (given, draws) => {
        const mixture = createMixture(given);
        const total = given.reduce((sum, one) => sum + one, 0);
        const seen = given.map(() => 0);
        for (let draw = 0; draw < draws; draw++) {
          const { source, place } = mixture(draw);
          expect(place).toBe(seen[source]);
          seen[source] = place + 1;
        }
        for (const [source, count] of seen.entries()) {
          const share = (draws * (given[source] ?? 0)) / total;
          // within one draw per level of the nesting
          expect(Math.abs(count - share)).toBeLessThanOrEqual(given.length);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("takes turns where weights are equal", () => {
    const mixture = createMixture([1, 1]);
    expect([0, 1, 2, 3].map((draw) => mixture(draw).source)).toEqual([1, 0, 1, 0]);
  });

  test.each([[[0, 1]], [[-1]], [[Number.NaN]], [[Number.POSITIVE_INFINITY, 1]], [[]]])(
    "refuses %j",
    (given) => {
      expect(() => createMixture(given)).toThrow(
        expect.objectContaining({ code: "data/bad-option" }),
      );
    },
  );
});

/** Blocks of one token each, which is the number of the block. */
function makeBlocks(...sources: number[]): StoredBlocks {
  const count = sources.reduce((sum, one) => sum + one, 0);
  return {
    sequence: 2,
    count,
    sources,
    largest: count,
    rows: (chosen) => Int32Array.from(chosen.flatMap((block) => [block, block])),
  };
}

describe("batches of several sources", () => {
  const options = { batch: 4, seed: 3, vocabularySize: 1000 };
  const drawn = (blocks: StoredBlocks, given: readonly number[], steps: number): number[] => {
    const batches = causalBatches(blocks, { ...options, weights: given });
    return Array.from({ length: steps }, (_, step) =>
      [...batches.at(step).input_ids].filter((_id, at) => at % 2 === 0),
    ).flat();
  };

  test("show every block of a source once before any twice", () => {
    const rows = drawn(makeBlocks(10, 30), [2, 1], 30);
    const first = rows.filter((block) => block < 10);
    const second = rows.filter((block) => block >= 10);
    expect([first.length, second.length]).toEqual([80, 40]);
    const sorted = (blocks: number[]): number[] => blocks.toSorted((a, b) => a - b);
    expect(sorted(first.slice(0, 10))).toEqual([...Array(10).keys()]);
    expect(sorted(first.slice(10, 20))).toEqual([...Array(10).keys()]);
    expect(first.slice(10, 20)).not.toEqual(first.slice(0, 10));
    expect(sorted(second.slice(0, 30))).toEqual(Array.from({ length: 30 }, (_, at) => 10 + at));
  });

  test("of any step can be had at once, and show all within an epoch", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.nat(1e6),
        (one, other, weight, step) => {
          const blocks = makeBlocks(one, other);
          const given = { ...options, weights: [weight, 1] };
          const batches = causalBatches(blocks, given);
          batches.at(0);
          expect(batches.at(step)).toEqual(causalBatches(blocks, given).at(step));
          // Rounding may put off the last draw of a source by one.
          const rows = drawn(blocks, given.weights, batches.stepsPerEpoch + 1);
          expect(new Set(rows).size).toBe(one + other);
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });

  test("without weights are those of one source", () => {
    const batches = causalBatches(makeBlocks(10, 30), options);
    expect(batches).toMatchObject({ stepsPerEpoch: 10 });
    expect(batches.at(3)).toEqual(causalBatches(makeBlocks(40), options).at(3));
    expect(mixtureEpoch([2, 1], [10, 30])).toBe(90);
  });

  test.each([
    [[1], "data/bad-option"],
    [[1, 2, 3], "data/bad-option"],
    [[1, 0], "data/bad-option"],
  ])("refuse the weights %j", (given, code) => {
    expect(() => causalBatches(makeBlocks(10, 30), { ...options, weights: given })).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() => causalBatches(makeBlocks(10, 0), { ...options, weights: [1, 1] })).toThrow(
      expect.objectContaining({ code: "data/too-small" }),
    );
  });
});
