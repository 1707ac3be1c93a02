import { expect, test } from "vitest";
import { evaluationBatches, type EvaluationOptions } from "./evaluation-batches.js";
import type { TokenBlocks } from "../blocks/blocks.js";

const special = { classify: 2, separate: 3, mask: 4, all: new Set([0, 1, 2, 3, 4]) };
const options: EvaluationOptions = { batch: 4, seed: 3, vocabularySize: 100, special };

/** Block k holds the token 10 + k, 20 times, framed. */
function makeBlocks(count: number): TokenBlocks {
  const rows = Array.from({ length: count }, (_, block) => [
    2,
    ...Array.from({ length: 20 }, () => 10 + block),
    3,
  ]);
  return { sequence: 22, count, tokens: Int32Array.from(rows.flat()) };
}

/** The labels of a list of batches, by row. */
function labelsByRow(batches: readonly { labels: Int32Array }[]): number[][] {
  return batches.flatMap(({ labels }) =>
    Array.from({ length: labels.length / 22 }, (_, row) =>
      [...labels.subarray(22 * row, 22 * row + 22)].filter((label) => label !== -100),
    ),
  );
}

test("shows every block once, in order", () => {
  const rows = labelsByRow(evaluationBatches(makeBlocks(8), { ...options, maskedFraction: 0.5 }));
  expect(rows.map((labels) => [...new Set(labels)])).toEqual(
    Array.from({ length: 8 }, (_, block) => [10 + block]),
  );
});

test("fills up the last batch with rows that do not count", () => {
  const batches = evaluationBatches(makeBlocks(6), { ...options, maskedFraction: 0.5 });
  const [full, last] = batches;
  expect(batches).toHaveLength(2);
  expect(labelsByRow(batches).map((labels) => [...new Set(labels)])).toEqual([
    [10],
    [11],
    [12],
    [13],
    [14],
    [15],
    [],
    [],
  ]);
  const counted = (batch: typeof full): number =>
    [...(batch?.label_ids ?? [])].filter((id) => id !== -100).length;
  // Half of 4 * 20 tokens; two of four rows count in the last batch.
  expect(counted(full)).toBe(40);
  expect(counted(last)).toBe(20);
  expect(last?.label_ids).toHaveLength(40);
  expect([...(last?.label_positions.subarray(20) ?? [])].every((at) => at === 0)).toBe(true);
  // The rows that fill up hold real tokens, unmasked.
  expect([...(last?.input_ids.subarray(44, 66) ?? [])]).toEqual([...makeBlocks(1).tokens]);
});

test("spreads a limited number of blocks over all", () => {
  const batches = evaluationBatches(makeBlocks(40), {
    ...options,
    limitBlocks: 8,
    maskedFraction: 0.5,
  });
  expect(labelsByRow(batches).map((labels) => labels[0])).toEqual([10, 15, 20, 25, 30, 35, 40, 45]);
});

test.each([0.15, 0.5])(
  "masks a block alike whatever the batch and the limit, a share of %f",
  (maskedFraction) => {
    const shared = { ...options, maskedFraction };
    /** Masked ids and labels of every block that counts, by its number. */
    const blocksOf = (batch: number, limitBlocks = 7): Map<number, string> => {
      const rows = evaluationBatches(makeBlocks(7), { ...shared, batch, limitBlocks }).flatMap(
        ({ input_ids, labels }) =>
          Array.from({ length: batch }, (_, row) =>
            [input_ids, labels].map((ids) => [...ids.subarray(22 * row, 22 * row + 22)]),
          ),
      );
      const counted = rows.filter(([, labels]) => labels?.some((label) => label !== -100));
      return new Map(
        counted.map((row) => [(row[1]?.find((label) => label !== -100) ?? 0) - 10, String(row)]),
      );
    };
    const expected = blocksOf(1);
    expect([...expected.keys()]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const batch of [2, 3, 7, 32]) expect(blocksOf(batch)).toEqual(expected);
    const few = blocksOf(2, 3);
    expect([...few.keys()]).toEqual([0, 2, 4]);
    for (const [block, row] of few) expect(row).toBe(expected.get(block));
    // as many tokens are chosen in every block, in other places
    const places = [...expected.values()].map((row) =>
      row
        .split(",")
        .slice(22)
        .flatMap((label, at) => (label === "-100" ? [] : [at])),
    );
    expect(new Set(places.map(({ length }) => length))).toEqual(new Set([20 * maskedFraction]));
    expect(new Set(places.map(String)).size).toBeGreaterThan(4);
  },
);

test("is the same every time, and another for another seed", () => {
  const batches = evaluationBatches(makeBlocks(9), options);
  expect(evaluationBatches(makeBlocks(9), options)).toEqual(batches);
  expect(evaluationBatches(makeBlocks(9), { ...options, seed: 4 })).not.toEqual(batches);
});

test("more blocks asked for than there are gives all", () => {
  expect(evaluationBatches(makeBlocks(3), { ...options, limitBlocks: 99 })).toEqual(
    evaluationBatches(makeBlocks(3), options),
  );
});

test("blocks without a token to predict are refused, unless others have some", () => {
  const unknown = { sequence: 4, count: 2, tokens: Int32Array.of(2, 1, 1, 3, 2, 1, 1, 3) };
  expect(() => evaluationBatches(unknown, options)).toThrow(
    expect.objectContaining({ code: "data/nothing-to-predict" }) as Error,
  );
  const tokens = Int32Array.of(2, 1, 1, 3, 2, 1, 9, 3);
  const labels = evaluationBatches({ ...unknown, tokens }, options).flatMap((batch) => [
    ...batch.label_ids,
  ]);
  expect(labels.filter((label) => label !== -100)).toEqual([9]);
});

test("no blocks are refused", () => {
  expect(() => evaluationBatches(makeBlocks(0), options)).toThrow(
    expect.objectContaining({ code: "data/too-small" }) as Error,
  );
});
