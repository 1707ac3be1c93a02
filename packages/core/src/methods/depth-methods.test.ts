import { describe, expect, it } from "vitest";
import { bertLayout, type BertSizes } from "../__fixtures__/bert-layout.js";
import { fixed, growing, parameter, reader, tinyLayout } from "../__fixtures__/tiny-layout.js";
import { growAll } from "../__fixtures__/drawn-sources.js";
import type { Matrix } from "../operator/operator.js";
import { createPlan } from "../plan/create-plan.js";
import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { haarFilter } from "./bot.js";
import { lesa } from "./lesa.js";
import { makeOperator } from "./make-operator.js";
import { midas } from "./midas.js";
import { methodNamed, methods, type MethodName } from "./methods.js";

const sizes: BertSizes = { layers: 4, hidden: 16, heads: 2, intermediate: 32, tied: true };
const deep = (old: number, now: number): Plan =>
  createPlan(bertLayout({ ...sizes, layers: old }), bertLayout({ ...sizes, layers: now }));
const NAME = "depth.bert.encoder.layer.{i}.output.dense.weight";
const depthOf = (name: MethodName, old: number, now: number): Matrix =>
  methodNamed(name)
    .operator(deep(old, now), { random: createRandom(1) })
    .tensors.get(NAME)!;
const rowsOf = ({ columns, data, rows }: Matrix): number[][] =>
  Array.from({ length: rows }, (_, row) => [...data.subarray(row * columns, (row + 1) * columns)]);
/** The layer that each copies; undefined where one mixes. */
const copied = (matrix: Matrix): (number | undefined)[] =>
  rowsOf(matrix).map((weights) => {
    const used = weights.flatMap((weight, layer) => (weight === 0 ? [] : [layer]));
    return used.length === 1 && weights[used[0]!] === 1 ? used[0] : undefined;
  });
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe("solar", () => {
  it("has the list of the paper: 32 layers become 48 of the first 24 and the last 24", () => {
    expect(copied(depthOf("solar", 32, 48))).toEqual([...range(0, 24), ...range(8, 32)]);
    expect(copied(depthOf("solar", 30, 40))).toEqual([...range(0, 20), ...range(10, 30)]);
  });

  it("goes on from no layer but the next, once, up to twice as many", () => {
    expect(copied(depthOf("solar", 4, 5))).toEqual([0, 1, 2, 2, 3]);
    expect(copied(depthOf("solar", 4, 8))).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    expect(copied(depthOf("solar", 4, 4))).toEqual([0, 1, 2, 3]);
  });

  it("has a further run where two cannot do", () => {
    expect(copied(depthOf("solar", 4, 9))).toEqual([0, 1, 2, 1, 2, 3, 1, 2, 3]);
    expect(copied(depthOf("solar", 1, 3))).toEqual([0, 0, 0]);
  });
});

describe("midas", () => {
  it("repeats the block in the middle", () => {
    expect(copied(depthOf("midas", 6, 8))).toEqual([0, 1, 2, 3, 2, 3, 4, 5]);
    expect(copied(depthOf("midas", 4, 5))).toEqual([0, 1, 1, 2, 3]);
    expect(copied(depthOf("midas", 3, 6))).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it("repeats blocks of four, or as many as told, until there are enough", () => {
    const repeated = (old: number, now: number, blockLayers: number) =>
      copied(
        midas
          .operator(deep(old, now), { random: createRandom(1), options: { blockLayers } })
          .tensors.get(NAME)!,
      );
    expect(repeated(5, 7, 1)).toEqual([0, 1, 2, 2, 2, 3, 4]);
    expect(repeated(6, 10, 2)).toEqual([0, 1, 2, 3, 2, 3, 2, 3, 4, 5]);
    expect(copied(depthOf("midas", 12, 20))).toEqual(repeated(12, 20, 4));
    expect(copied(depthOf("midas", 2, 5))).toEqual([0, 1, 1, 0, 1]);
  });

  it("is solar with a block of all added layers", () => {
    const input = { random: createRandom(1), options: { blockLayers: 10 } };
    expect(midas.operator(deep(30, 40), input).tensors.get(NAME)).toEqual(depthOf("solar", 30, 40));
  });
});

describe("tleg", () => {
  it("gives layers on a line back, at l/L from 0", () => {
    const [a, b] = [0.7, -2];
    for (const [old, now] of [
      [4, 6],
      [3, 7],
      [2, 5],
    ] as const) {
      const found = rowsOf(depthOf("tleg", old, now)).map((weights) =>
        weights.reduce((sum, weight, layer) => sum + weight * (a + (b * layer) / old), 0),
      );
      // weights rounded to float32
      expect(found).toBeAllClose(
        range(0, now).map((layer) => a + (b * layer) / now),
        { absolute: 1e-6 },
      );
    }
  });

  it("is the least squares of others: what is left is orthogonal to 1 and l/L", () => {
    // With as many target layers as L2 = 2 L1, the even ones stand where the old ones do.
    const fitted = rowsOf(depthOf("tleg", 5, 10)).filter((_, row) => row % 2 === 0);
    const layers = [3, -1, 4, 1, -5];
    const left = fitted.map(
      (weights, row) => layers[row]! - weights.reduce((sum, w, j) => sum + w * layers[j]!, 0),
    );
    expect(left.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
    expect(left.reduce((sum, value, layer) => sum + value * layer, 0)).toBeCloseTo(0, 5);
    expect(Math.max(...left.map(Math.abs))).toBeGreaterThan(1);
  });

  it("copies one layer, and keeps a stack as deep as it is", () => {
    expect(copied(depthOf("tleg", 1, 3))).toEqual([0, 0, 0]);
    expect(copied(depthOf("tleg", 5, 5))).toEqual(range(0, 5));
  });
});

describe("bot", () => {
  const root = Math.fround(Math.SQRT1_2);

  it("is the inverse Haar transform at powers of two", () => {
    expect(rowsOf(haarFilter(2, 4))).toEqual([
      [root, 0],
      [root, 0],
      [0, root],
      [0, root],
    ]);
    expect(rowsOf(haarFilter(1, 4))).toEqual([[0.5], [0.5], [0.5], [0.5]]);
    expect(rowsOf(haarFilter(2, 1))).toEqual([[root, root]]);
    expect(rowsOf(haarFilter(3, 3))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });

  it("keeps constants at any size, up to the scale of a level", () => {
    for (const [old, now] of [
      [2, 3],
      [8, 12],
      [7, 5],
    ] as const) {
      const sums = rowsOf(haarFilter(old, now)).map((row) => row.reduce((sum, x) => sum + x, 0));
      const scale = Math.sqrt(old / now);
      // weights rounded to float32
      expect(sums).toBeAllClose(
        sums.map(() => scale),
        { absolute: 1e-6 },
      );
    }
  });

  it("scales a matrix by the filters of layers, inputs and outputs", async () => {
    const layout = (size: number, layers: number) =>
      tinyLayout(layers, { a: growing(size), b: growing(size), vocab: fixed(1) }, [
        parameter("h.{i}.w", ["a:out", "b:in"]),
      ]);
    const plan = createPlan(layout(2, 1), layout(4, 2));
    const weights = new Map([["h.0.w", { data: Float32Array.of(1, 2, 3, 4) }]]);
    const operator = methodNamed("bot").operator(plan, { random: createRandom(1) });
    const grown = await growAll(plan, operator, weights);
    const scale = Math.SQRT1_2 ** 3;
    const expected = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4].map((x) => x * scale);
    for (const layer of [0, 1])
      // products of three roots rounded to float32
      expect([...grown.get(`h.${layer}.w`)!]).toBeAllClose(expected, { absolute: 1e-6 });
  });

  it("keeps heads whole", () => {
    const plan = createPlan(bertLayout(sizes), bertLayout({ ...sizes, hidden: 32, heads: 4 }));
    const { tensors } = methodNamed("bot").operator(plan, { random: createRandom(1) });
    const units = rowsOf(tensors.get("width.query")!).map((row) => row.findIndex((x) => x !== 0));
    expect(units).toEqual([...range(0, 8), ...range(0, 8), ...range(8, 16), ...range(8, 16)]);
  });
});

describe("lesa", () => {
  /** A stack whose parameter `w` has these numbers in its layers. */
  const stackOf = (layers: readonly (readonly number[])[], now: number, offset?: number) => {
    const size = layers[0]!.length;
    const layout = (count: number) =>
      tinyLayout(count, { a: fixed(size), vocab: fixed(1) }, [
        parameter("h.{i}.w", ["a:fixed"], offset === undefined ? {} : { offset }),
      ]);
    const sources = new Map(
      layers.map((numbers, layer) => [`h.${layer}.w`, { data: Float32Array.from(numbers) }]),
    );
    return { plan: createPlan(layout(layers.length), layout(now)), sources };
  };
  const grownLayers = async (
    layers: readonly (readonly number[])[],
    now: number,
    offset?: number,
  ): Promise<number[][]> => {
    const { plan, sources } = stackOf(layers, now, offset);
    const input = { random: createRandom(1) };
    const operator = await makeOperator(lesa, plan, reader(sources), input);
    const grown = await growAll(plan, operator, sources);
    return range(0, now).map((layer) => [...grown.get(`h.${layer}.w`)!]);
  };
  const { normal } = createRandom(8);
  const drawn = (): number[] => Array.from({ length: 40 }, normal);

  it("finds the rule that layers follow, and continues it between the uppermost", async () => {
    // W_(i+1) = (W_i - 0.3 W_(i-1)) / 0.8, so that W_i = 0.3 W_(i-1) + 0.8 W_(i+1)
    const layers = [drawn(), drawn()];
    while (layers.length < 5) {
      const [before, last] = layers.slice(-2) as [number[], number[]];
      layers.push(last.map((value, index) => (value - 0.3 * before[index]!) / 0.8));
    }
    const grown = await grownLayers(layers, 7);
    const between = (i: number) => layers[i]!.map((x, at) => 0.3 * x + 0.8 * layers[i + 1]![at]!);
    const expected = [0, 1, 2].map((i) => layers[i]!);
    expected.push(between(2), layers[3]!, between(3), layers[4]!);
    for (const [layer, numbers] of expected.entries())
      // a system of two equations of float32 products, and a ridge of 1e-7
      expect(grown[layer]!, `layer ${layer}`).toBeAllClose(numbers, { absolute: 2e-5 });
  });

  it("adds layers where the released code does: 32 to 48 in the gaps from 15 on", () => {
    const operator = lesa.operator(deep(32, 48), { random: createRandom(1), measured: new Map() });
    const places = copied(operator.tensors.get(NAME)!);
    expect(places.slice(0, 16)).toEqual(range(0, 16));
    expect(places.slice(16)).toEqual(range(16, 32).flatMap((layer) => [undefined, layer]));
  });

  it("takes the mean where nothing can be fitted, and fills every gap before any twice", async () => {
    expect(await grownLayers([[2], [4]], 3)).toEqual([[2], [3], [4]]);
    expect(await grownLayers([[2], [4]], 5)).toEqual([[2], [2.5], [3], [3.5], [4]]);
    expect(await grownLayers([[6]], 3)).toEqual([[6], [6], [6]]);
    expect(await grownLayers([[0], [0], [0]], 4)).toEqual([[0], [0], [0], [0]]);
  });

  it("counts what the model computes with: gains that are stored less one", async () => {
    const gains = [drawn(), drawn(), drawn(), drawn()];
    const stored = gains.map((numbers) => numbers.map((value) => value - 1));
    const grown = await grownLayers(gains, 6);
    const grownStored = await grownLayers(stored, 6, 1);
    for (const [layer, numbers] of grownStored.entries())
      // float32, once less one
      expect(numbers.map((value) => value + 1)).toBeAllClose(grown[layer]!, { absolute: 1e-5 });
  });

  it("shares the weight of neighbours that are equal", async () => {
    const one = drawn();
    const grown = await grownLayers([one, one, one], 4);
    // the ridge takes 1e-7 of the whole
    expect(grown[2]!).toBeAllClose(one, { absolute: 1e-5 });
  });

  it("refuses to do without the weights", () => {
    expect(() => lesa.operator(deep(4, 6), { random: createRandom(1) })).toThrow(
      expect.objectContaining({
        code: "method/measured",
        message: expect.stringContaining('`method: "lesa"`') as string,
      }),
    );
  });
});

describe("methods that give their layers themselves", () => {
  const own = methods.filter(({ copiesLayers }) => copiesLayers === false);

  it.each(own)("$name refuses a list of layers", (method) => {
    const { tensors, ...rest } = deep(4, 6);
    const plan = { ...rest, tensors, layers: [0, 1, 1, 2, 2, 3] };
    expect(() => method.operator(plan, { random: createRandom(1), measured: new Map() })).toThrow(
      expect.objectContaining({ code: "method/layers" }),
    );
  });
});
