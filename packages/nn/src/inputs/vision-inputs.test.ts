import type * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { engines, evaluate, floats, normal } from "../__fixtures__/programs.js";
import {
  imagePatches,
  joinPatches,
  placePatches,
  stochasticDepth,
  tensorParameters,
} from "../index.js";

const images = normal([2, 3, 4, 6], 1);
const patch = [2, 3] as const;

describe.each(engines)("images on the %s engine", (_name, engine) => {
  it("are cut into patches row by row, each channel by channel, and joined again", async () => {
    const { patches, joined } = await evaluate(engine, { images }, ({ images: given }) => {
      const cut = imagePatches(given as tf.Tensor4D, patch);
      return { patches: cut, joined: joinPatches(cut, patch, { rows: 2, columns: 2 }) };
    });
    const expected: number[] = [];
    for (let image = 0; image < 2; image++) {
      for (const [top, left] of [
        [0, 0],
        [0, 3],
        [2, 0],
        [2, 3],
      ] as const) {
        for (let c = 0; c < 3; c++) {
          for (let y = top; y < top + 2; y++) {
            for (let x = left; x < left + 3; x++) {
              expected.push(images.data[((image * 3 + c) * 4 + y) * 6 + x] as number);
            }
          }
        }
      }
    }
    expect([...(patches ?? [])]).toEqual(expected);
    expect([...(joined ?? [])]).toEqual([...images.data]);
  });

  it("have tokens before their patches, all at their positions", async () => {
    const givens = {
      patches: normal([4, 2], 1),
      one: normal([1, 1, 2], 2),
      two: normal([1, 1, 2], 3),
      positions: normal([1, 4, 2], 4),
      places: normal([1, 2, 2], 5),
    };
    const { placed, bare } = await evaluate(engine, givens, ({ patches, ...tensors }) => {
      const p = tensorParameters(tensors);
      return {
        placed: placePatches(p, patches as tf.Tensor2D, ["one", "two"], "positions"),
        bare: placePatches(p, patches as tf.Tensor2D, [], "places"),
      };
    });
    const rows = [givens.one, givens.two, givens.patches].map(({ data }) => [...data]) as [
      number[],
      number[],
      number[],
    ];
    const sequence = (image: number): number[] => [
      ...rows[0],
      ...rows[1],
      ...rows[2].slice(4 * image, 4 * image + 4),
    ];
    const sum = (values: number[], table: ArrayLike<number>): number[] =>
      values.map((value, index) => value + (table[index % table.length] as number));
    expect(placed).toBeAllClose(
      [0, 1].flatMap((image) => sum(sequence(image), givens.positions.data)),
    );
    expect(bare).toBeAllClose(sum(rows[2], givens.places.data));
  });

  it("skip layers as the batch says", async () => {
    const given = { stochastic_depth: floats([2, 3], [1, 1, 1, 0, 2, 0]) };
    const { one, two } = await evaluate(engine, given, (batch) => {
      const [first, second] = stochasticDepth(batch, 1) as [tf.Tensor1D, tf.Tensor1D];
      return { one: first, two: second };
    });
    expect([...(one ?? [])]).toEqual([0, 2, 0]);
    expect(two).toEqual(one);
  });
});

it("all layers are run where a batch does not say", () => {
  expect(stochasticDepth({}, 0)).toBeUndefined();
});
