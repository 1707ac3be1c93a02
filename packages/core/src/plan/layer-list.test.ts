import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bertLayout, type BertSizes } from "../__fixtures__/bert-layout.js";
import type { Layout } from "../layout/layout.js";
import { createPlan } from "./create-plan.js";
import { layersText, parseLayers } from "./layer-list.js";

const sizes: BertSizes = { layers: 4, hidden: 16, heads: 2, intermediate: 32, tied: true };
const layout = (layers: number): Layout => bertLayout({ ...sizes, layers });

describe("a list of layers", () => {
  it("is half-open ranges and single layers", () => {
    expect(parseLayers("0-4,4,2-6")).toEqual([0, 1, 2, 3, 4, 2, 3, 4, 5]);
    expect(parseLayers(" 7 , 0-2 ")).toEqual([7, 0, 1]);
    // SOLAR: 48 layers of 32
    expect(parseLayers("0-24,8-32")).toHaveLength(48);
  });

  it.each(["", "a", "0-", "-4", "4-4", "5-2", "0-4,", "0..4", "1.5", "0-4;4-8"])(
    "is not %j",
    (text) => {
      expect(parseLayers(text)).toBeUndefined();
    },
  );

  it("is written as it is read", () => {
    expect(layersText([0, 1, 2, 2, 3, 0])).toBe("0-3,2-4,0");
    fc.assert(
      fc.property(fc.array(fc.nat(99), { minLength: 1 }), (layers) => {
        expect(parseLayers(layersText(layers))).toEqual(layers);
      }),
      { seed: 1 },
    );
  });
});

describe("a plan with a list of layers", () => {
  const failure = (source: Layout, target: Layout, layers: readonly number[]): unknown => {
    try {
      return createPlan(source, target, { layers });
    } catch (error) {
      return error;
    }
  };

  it("holds it", () => {
    const layers = [0, 1, 2, 1, 2, 3];
    expect(createPlan(layout(4), layout(6), { layers }).layers).toEqual(layers);
    expect("layers" in createPlan(layout(4), layout(6))).toBe(false);
  });

  it("refuses another number of layers, and layers that the source lacks", () => {
    expect(failure(layout(4), layout(6), [0, 1, 2, 3, 3])).toMatchObject({
      code: "plan/layers",
      expected: "5 layers",
      actual: "6 layers",
    });
    expect(failure(layout(4), layout(5), [0, 1, 2, 3, 4])).toMatchObject({
      code: "plan/layers",
      expected: "0 to 3",
      actual: "4",
    });
  });

  it("refuses models of several stacks", () => {
    const two = (layers: number): Layout => {
      const one = layout(layers);
      return { ...one, stacks: { ...one.stacks, last: { layers: 2, norm: "pre" } } };
    };
    expect(failure(two(4), two(5), [0, 1, 2, 3, 3])).toMatchObject({
      code: "plan/layers",
      actual: "encoder, last",
    });
  });

  it("refuses layers of one kind in places of another", () => {
    const periodic = (layers: number): Layout => {
      const kinds = Array.from({ length: layers }, (_, at) => (at % 2 === 0 ? "local" : "global"));
      const one = layout(layers);
      return { ...one, stacks: { encoder: { layers, norm: "pre", kinds } } };
    };
    expect(failure(periodic(4), periodic(6), [0, 1, 2, 3, 2, 3])).not.toBeInstanceOf(Error);
    expect(failure(periodic(4), periodic(6), [0, 1, 1, 2, 3, 3])).toMatchObject({
      code: "plan/layer-kinds",
      expected: "layer 2: global",
      actual: "local",
    });
  });
});

it("is no list where ranges hold more layers than any model has, and is not written out", () => {
  expect(parseLayers("0-65536")).toHaveLength(65_536);
  expect(parseLayers("0-65536,3")).toBeUndefined();
  expect(parseLayers("0-999999,".repeat(7000).slice(0, -1))).toBeUndefined();
});
