import { describe, expect, it } from "vitest";
import { createOnnxEngine, createReferenceEngine, type Program } from "../index.js";
import { fillPartition } from "./partition.js";

const sizes = { groups: 3, size: 7, kept: 4, whole: 1 };
const TOTAL = sizes.groups * sizes.size;

function partition(step: number, site = 0, options = sizes) {
  const total = options.groups * options.size;
  const [order, place] = [new Int32Array(total), new Int32Array(total)];
  fillPartition(order, place, options, { seed: 7, step, site });
  return { order: [...order], place: [...place] };
}

const program = (options: typeof sizes): Program => ({
  state: {},
  frozen: {},
  inputs: { seed: { shape: [], dtype: "int32" } },
  seed: 7,
  build({ masks }) {
    const kept = masks.keep([5], 0.5);
    const { order, place } = masks.partition(options);
    return { outputs: { kept, order: order.add(0), place: place.add(0) } };
  },
});

describe("a partition", () => {
  it("is a permutation and its inverse: kept rows first, ascending, those that are whole among them", () => {
    const { order, place } = partition(1);
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: TOTAL }, (_, i) => i));
    expect(order.map((row) => place[row])).toEqual(Array.from({ length: TOTAL }, (_, i) => i));
    for (let group = 0; group < sizes.groups; group++) {
      const kept = order.slice(4 * group, 4 * group + 4);
      expect(kept[0]).toBe(7 * group);
      expect(kept).toEqual(kept.toSorted((a, b) => a - b));
      expect(kept.every((row) => Math.floor(row / 7) === group)).toBe(true);
      const left = order.slice(12 + 3 * group, 12 + 3 * group + 3);
      expect(left).toEqual(left.toSorted((a, b) => a - b));
    }
  });

  it("is the same again for a place, and another elsewhere", () => {
    expect(partition(1)).toEqual(partition(1));
    expect(partition(2)).not.toEqual(partition(1));
    expect(partition(1, 1)).not.toEqual(partition(1));
  });

  it("keeps every row as often as any other", () => {
    const draws = 4000;
    const { order } = partition(1, 0, { groups: draws, size: 5, kept: 2, whole: 0 });
    const counts = [0, 0, 0, 0, 0];
    for (const row of order.slice(0, 2 * draws)) counts[row % 5]! += 1;
    // five standard deviations of 4000 draws with a chance of 0.4
    for (const count of counts) expect(Math.abs(count - 0.4 * draws)).toBeLessThan(155);
  });

  it.each([createOnnxEngine({ threads: 1 }), createReferenceEngine()])(
    "follows from seed, step and place on the $name engine",
    async (engine) => {
      const compiled = await engine.compile(program(sizes), { state: {}, frozen: {} });
      for (const step of [1, 2, 1]) {
        const outputs = await compiled.run({ seed: Int32Array.of(step) });
        const expected = partition(step, 1);
        expect([...(outputs["order"] ?? [])]).toEqual(expected.order);
        expect([...(outputs["place"] ?? [])]).toEqual(expected.place);
      }
      await compiled.dispose();
    },
  );

  it("cannot keep more rows than there are, or fewer than are whole", async () => {
    const compile = (options: typeof sizes): Promise<unknown> =>
      createOnnxEngine().compile(program(options), { state: {}, frozen: {} });
    for (const kept of [0, 8, 2.5]) {
      await expect(compile({ ...sizes, kept })).rejects.toMatchObject({ code: "engine/partition" });
    }
    await expect(compile({ ...sizes, kept: 1, whole: 2 })).rejects.toThrow(/cannot keep 1 of/);
  });
});
