import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskedBatches } from "./masked-batches.js";
import type { MaskedBatch, MaskingOptions } from "./masking.js";
import type { TokenBlocks } from "../blocks/blocks.js";

const special = {
  pad: 0,
  unknown: 1,
  classify: 2,
  separate: 3,
  mask: 4,
  all: new Set([0, 1, 2, 3, 4]),
};
const options: MaskingOptions = { batch: 8, seed: 11, vocabularySize: 1000, special };

/** Blocks of ordinary tokens; block k names itself in its second token, 5 + k. */
function makeBlocks(count: number, sequence = 34): TokenBlocks {
  const tokens = Int32Array.from({ length: count * sequence }, (_, at) => {
    const column = at % sequence;
    if (column === 0) return special.classify;
    if (column === sequence - 1) return special.separate;
    return column === 1 ? 5 + Math.floor(at / sequence) : 5 + ((at * 7919) % 995);
  });
  return { sequence, count, tokens };
}

/** The unmasked rows of a batch. */
function original(batch: MaskedBatch): number[] {
  return [...batch.input_ids].map((token, at) => {
    const label = batch.labels[at] ?? -100;
    return label === -100 ? token : label;
  });
}

/** The numbers of the blocks in a batch. */
function blocksOf(batch: MaskedBatch, sequence = 34): number[] {
  return original(batch)
    .filter((_, at) => at % sequence === 1)
    .map((token) => token - 5);
}

describe("the chosen positions", () => {
  test("are as many as announced, distinct, ascending, ordinary, and listed as labelled", () => {
    const blocks = makeBlocks(50);
    const stream = maskedBatches(blocks, options);
    expect(stream.positionsPerBatch).toBe(8 * Math.round(0.15 * 32));
    for (let step = 0; step < 30; step++) {
      const batch = stream.at(step);
      const tokens = original(batch);
      const positions = [...batch.label_positions];
      expect(positions).toHaveLength(stream.positionsPerBatch);
      expect(positions).toEqual([...batch.labels.keys()].filter((at) => batch.labels[at] !== -100));
      expect([...batch.label_ids]).toEqual(positions.map((at) => tokens[at]));
      expect(positions.every((at) => !special.all.has(tokens[at] ?? 0))).toBe(true);
    }
  });

  test("become [MASK], a random ordinary token, or stay, as 80 : 10 : 10", () => {
    const stream = maskedBatches(makeBlocks(64), options);
    let [masked, kept, random, total] = [0, 0, 0, 0];
    const drawn = new Set<number>();
    for (let step = 0; step < 400; step++) {
      const { input_ids, label_positions, label_ids } = stream.at(step);
      for (const [index, at] of label_positions.entries()) {
        const token = input_ids[at] ?? 0;
        total++;
        if (token === special.mask) masked++;
        else if (token === label_ids[index]) kept++;
        else {
          random++;
          drawn.add(token);
        }
      }
    }
    // Four standard deviations of a binomial count; the seed is fixed, so this is no game of chance.
    const bound = (share: number): number => 4 * Math.sqrt(total * share * (1 - share));
    expect(Math.abs(masked - 0.8 * total)).toBeLessThan(bound(0.8));
    expect(Math.abs(kept - 0.1 * total)).toBeLessThan(bound(0.1));
    expect(Math.abs(random - 0.1 * total)).toBeLessThan(bound(0.1));
    expect([...drawn].some((token) => special.all.has(token))).toBe(false);
    expect(Math.min(...drawn)).toBeLessThan(15);
    expect(Math.max(...drawn)).toBeGreaterThan(989);
  });

  test("lie anywhere in a block with equal chance", () => {
    const stream = maskedBatches(makeBlocks(8), { ...options, batch: 1 });
    const counts = Array.from({ length: 34 }, () => 0);
    for (let step = 0; step < 3000; step++) {
      for (const at of stream.at(step).label_positions)
        counts[at % 34] = (counts[at % 34] ?? 0) + 1;
    }
    expect(counts[0]).toBe(0);
    expect(counts[33]).toBe(0);
    const mean = (3000 * stream.positionsPerBatch) / 32;
    // Four and a half standard deviations, as 32 counts are looked at.
    for (const count of counts.slice(1, 33)) {
      expect(Math.abs(count - mean)).toBeLessThan(4.5 * Math.sqrt(mean));
    }
  });

  test("are padded with position 0 where a batch has too few ordinary tokens", () => {
    const tokens = Int32Array.from([2, 1, 1, 9, 1, 3, 2, 1, 1, 1, 1, 3]);
    const blocks = { sequence: 6, count: 2, tokens };
    const batch = maskedBatches(blocks, { ...options, batch: 2, maskedFraction: 0.5 }).at(0);
    expect(batch.label_positions).toHaveLength(4);
    expect([...batch.label_ids]).toEqual([9, -100, -100, -100]);
    expect([...batch.label_positions.subarray(1)]).toEqual([0, 0, 0]);
    expect(original(batch)[batch.label_positions[0] ?? -1]).toBe(9);
    expect([...batch.labels].filter((label) => label !== -100)).toEqual([9]);
  });
});

describe("the stream", () => {
  test("shows each block once per epoch, across the ends of epochs", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(),
        (count, batch, seed) => {
          const stream = maskedBatches(makeBlocks(count), { ...options, batch, seed });
          expect(stream.stepsPerEpoch).toBe(Math.ceil(count / batch));
          const seen = Array.from({ length: stream.stepsPerEpoch * 3 }, (_, step) =>
            blocksOf(stream.at(step)),
          ).flat();
          for (let epoch = 0; (epoch + 1) * count <= seen.length; epoch++) {
            const order = seen.slice(epoch * count, (epoch + 1) * count);
            expect(order.sort((one, other) => one - other)).toEqual(
              Array.from({ length: count }, (_, k) => k),
            );
          }
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  test("shuffles every epoch anew, and masks a block anew every time", () => {
    const stream = maskedBatches(makeBlocks(16), { ...options, batch: 16 });
    const [first, second] = [stream.at(0), stream.at(1)];
    expect(blocksOf(first)).not.toEqual(blocksOf(second));
    const single = maskedBatches(makeBlocks(1), { ...options, batch: 1 });
    expect(single.at(0).label_positions).not.toEqual(single.at(1).label_positions);
  });

  test("masks a batch as its parts, taken one after the other", () => {
    const blocks = makeBlocks(13);
    const whole = maskedBatches(blocks, options);
    for (const parts of [2, 4, 8]) {
      const inParts = maskedBatches(blocks, { ...options, batch: 8 / parts });
      expect(inParts.positionsPerBatch * parts).toBe(whole.positionsPerBatch);
      for (const step of [0, 5]) {
        const taken = Array.from({ length: parts }, (_, part) => inParts.at(step * parts + part));
        for (const name of ["input_ids", "labels", "label_ids"] as const) {
          expect(taken.flatMap((batch) => [...batch[name]])).toEqual([...whole.at(step)[name]]);
        }
      }
    }
  });

  test("gives the same batch after any other and on its own", () => {
    const blocks = makeBlocks(13);
    fc.assert(
      fc.property(fc.array(fc.nat(200), { minLength: 1, maxLength: 12 }), (steps) => {
        const stream = maskedBatches(blocks, options);
        for (const step of steps) {
          expect(stream.at(step)).toEqual(maskedBatches(blocks, options).at(step));
        }
      }),
      { numRuns: 30, seed: 1 },
    );
    const inOrder = maskedBatches(blocks, options);
    for (let step = 0; step < 40; step++) inOrder.at(step);
    expect(inOrder.at(40)).toEqual(maskedBatches(blocks, options).at(40));
  });

  test("depends on the seed, and leaves the blocks as they are", () => {
    const blocks = makeBlocks(13);
    const one = maskedBatches(blocks, options).at(5);
    expect(maskedBatches(blocks, { ...options, seed: 12 }).at(5)).not.toEqual(one);
    expect(blocks).toEqual(makeBlocks(13));
  });

  test("hands out batches that share no memory", () => {
    const stream = maskedBatches(makeBlocks(13), options);
    const first = stream.at(3);
    first.input_ids.fill(0);
    expect(stream.at(3).input_ids.some((token) => token !== 0)).toBe(true);
  });
});

describe("what is refused", () => {
  const { mask: _, ...maskless } = special;
  test.each<[string, Partial<MaskingOptions>]>([
    ["data/bad-option", { batch: 0 }],
    ["data/bad-option", { maskedFraction: 0 }],
    ["data/bad-option", { maskedFraction: 1.1 }],
    ["data/bad-option", { vocabularySize: 0 }],
    ["data/no-mask-token", { special: maskless }],
    ["data/vocabulary-mismatch", { vocabularySize: 500 }],
  ])("%s: %j", (code, change) => {
    expect(() => maskedBatches(makeBlocks(13), { ...options, ...change })).toThrow(
      expect.objectContaining({ code }) as Error,
    );
  });

  test("a vocabulary of special tokens only", () => {
    const blocks = { sequence: 3, count: 1, tokens: Int32Array.of(2, 1, 3) };
    expect(() => maskedBatches(blocks, { ...options, vocabularySize: 5 })).toThrow(
      expect.objectContaining({ code: "data/vocabulary-mismatch" }) as Error,
    );
  });

  test("blocks without an ordinary token", () => {
    const blocks = { sequence: 3, count: 2, tokens: Int32Array.of(2, 1, 3, 2, 1, 3) };
    expect(() => maskedBatches(blocks, options)).toThrow(
      expect.objectContaining({ code: "data/nothing-to-predict" }) as Error,
    );
  });

  test("no blocks, and steps that are none", () => {
    expect(() => maskedBatches(makeBlocks(0), options)).toThrow(
      expect.objectContaining({ code: "data/too-small" }) as Error,
    );
    for (const step of [-1, 0.5, Number.NaN]) {
      expect(() => maskedBatches(makeBlocks(3), options).at(step)).toThrow(
        expect.objectContaining({ code: "data/bad-option" }) as Error,
      );
    }
  });
});
