import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { causalBatches, causalEvaluationBatches, type CausalBatch } from "./causal-batches.js";
import type { TokenBlocks } from "../blocks/blocks.js";

const SEQUENCE = 6;

/** Block k holds the token k + 1, all along. */
function makeBlocks(count: number): TokenBlocks {
  const tokens = Int32Array.from(
    { length: count * SEQUENCE },
    (_, at) => 1 + Math.floor(at / SEQUENCE),
  );
  return { sequence: SEQUENCE, count, tokens };
}

/** Block numbers of a batch, by row. */
const rowsOf = (batch: CausalBatch): number[] =>
  [...batch.input_ids].filter((_, at) => at % SEQUENCE === 0).map((token) => token - 1);
const options = { batch: 4, seed: 3, vocabularySize: 101 };

describe("training batches", () => {
  test("show every block once an epoch, in another order each", () => {
    const batches = causalBatches(makeBlocks(10), options);
    expect(batches.stepsPerEpoch).toBe(3);
    // two epochs in five batches of four
    const rows = Array.from({ length: 5 }, (_, step) => rowsOf(batches.at(step))).flat();
    const [first, second] = [rows.slice(0, 10), rows.slice(10)];
    expect(first.toSorted((a, b) => a - b)).toEqual([...Array(10).keys()]);
    expect(second.toSorted((a, b) => a - b)).toEqual([...Array(10).keys()]);
    expect(second).not.toEqual(first);
  });

  test("are whole blocks, with the same ids as labels", () => {
    const { input_ids, labels } = causalBatches(makeBlocks(10), options).at(7);
    expect(labels).toEqual(input_ids);
    expect(labels).not.toBe(input_ids);
    for (const [at, token] of input_ids.entries()) {
      expect(token).toBe(input_ids[at - (at % SEQUENCE)]);
    }
  });

  test("of any step can be had at once", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 20 }), fc.nat(), (step, count, seed) => {
        const blocks = makeBlocks(count);
        const batches = causalBatches(blocks, { ...options, seed });
        batches.at(0);
        expect(batches.at(step)).toEqual(causalBatches(blocks, { ...options, seed }).at(step));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test("depend on the seed", () => {
    const rows = (seed: number): number[] =>
      rowsOf(causalBatches(makeBlocks(50), { ...options, batch: 50, seed }).at(0));
    expect(rows(1)).not.toEqual(rows(2));
  });
});

describe("evaluation batches", () => {
  test("show every block once, in order; rows that fill up do not count", () => {
    const [first, second, ...others] = causalEvaluationBatches(makeBlocks(6), options);
    expect(others).toEqual([]);
    expect(rowsOf(first!)).toEqual([0, 1, 2, 3]);
    expect(rowsOf(second!)).toEqual([4, 5, 0, 1]);
    expect(first!.labels).toEqual(first!.input_ids);
    const half = 2 * SEQUENCE;
    expect(second!.labels.subarray(0, half)).toEqual(second!.input_ids.subarray(0, half));
    expect(new Set(second!.labels.subarray(half))).toEqual(new Set([-100]));
  });

  test("may be fewer, spread over all", () => {
    const [only, ...others] = causalEvaluationBatches(makeBlocks(100), {
      ...options,
      limitBlocks: 4,
    });
    expect(others).toEqual([]);
    expect(rowsOf(only!)).toEqual([0, 25, 50, 75]);
  });
});

describe.each([
  ["training", causalBatches],
  ["evaluation", causalEvaluationBatches],
] as const)("%s batches refuse", (_name, make) => {
  test.each([
    [makeBlocks(0), {}, "data/too-small"],
    [makeBlocks(3), { batch: 0 }, "data/bad-option"],
    [makeBlocks(3), { vocabularySize: 3 }, "data/vocabulary-mismatch"],
    [makeBlocks(3), { vocabularySize: 0 }, "data/bad-option"],
  ] as const)("%#: %j", (blocks, changes, code) => {
    expect(() => make(blocks, { ...options, ...changes })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
