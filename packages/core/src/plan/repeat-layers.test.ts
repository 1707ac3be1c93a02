import fc from "fast-check";
import { expect, it } from "vitest";
import { repeatLayers } from "./repeat-layers.js";

it("repeats the layers whose input and output are most alike, in place", () => {
  expect(repeatLayers([0.2, 0.99, 0.5, 0.98], 6)).toEqual([0, 1, 1, 2, 3, 3]);
  // the earlier one of equals
  expect(repeatLayers([0.5, 0.5, 0.5], 4)).toEqual([0, 0, 1, 2]);
});

it("repeats all layers before any a second time", () => {
  expect(repeatLayers([0.1, 0.9], 5)).toEqual([0, 0, 1, 1, 1]);
});

it("has as many layers as asked for, all of the source's in their order", () => {
  const similarity = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(similarity, fc.nat(40), (values, more) => {
      const list = repeatLayers(values, values.length + more);
      expect(list).toHaveLength(values.length + more);
      expect([...new Set(list)]).toEqual(values.map((_, layer) => layer));
      expect(list.toSorted((a, b) => a - b)).toEqual(list);
    }),
    { seed: 1 },
  );
});
