import { describe, expect, it } from "vitest";
import type { Layout, Parameter, Space } from "../../layout/layout.js";
import type { RowGrowth } from "../../plan/row-growth.js";
import { createRandom } from "../../random.js";
import { memorySource } from "../read-source.js";
import { COVARIANCE_SHARE } from "./token-rows.js";
import { withGrownRows } from "./row-source.js";

const WIDTH = 3;
const table: Parameter = {
  name: "table",
  axes: [
    { space: "vocab", role: "fixed" },
    { space: "embed", role: "out" },
  ],
  initial: "normal",
  decay: true,
};
const bias: Parameter = {
  name: "bias",
  axes: [{ space: "vocab", role: "fixed" }],
  initial: "zeros",
  decay: false,
};

const tokens = (size: number): Space & { rows: { of: "tokens" } } => ({
  size,
  grows: false,
  scope: "model",
  rows: { of: "tokens" },
});

function layoutOf(size: number): Layout {
  return {
    architecture: "toy",
    className: "Toy",
    spaces: { vocab: tokens(size), embed: { size: WIDTH, grows: true, scope: "model" } },
    stacks: {},
    parameters: [table, bias],
    renames: [],
    drops: [],
  };
}

const growth = (old: number, now: number, more: Partial<RowGrowth> = {}): RowGrowth => ({
  space: "vocab",
  old: tokens(old),
  now: tokens(now),
  start: "moments",
  drawn: { seed: 5, deviation: 0.02 },
  ...more,
});

function weightsOf(rows: number): ReadonlyMap<string, Float32Array> {
  const random = createRandom(1);
  const draw = (size: number): Float32Array => Float32Array.from({ length: size }, random.normal);
  return new Map([
    ["table", draw(rows * WIDTH)],
    ["bias", draw(rows)],
  ]);
}

async function grown(
  name: string,
  weights: ReadonlyMap<string, Float32Array>,
  one: RowGrowth,
): Promise<Float32Array> {
  const read = withGrownRows(layoutOf(one.old.size), [one], memorySource(weights));
  return read(name, new Float32Array(one.now.size * (name === "table" ? WIDTH : 1)), 0);
}

const rowOf = (data: Float32Array, row: number): number[] =>
  Array.from(data.subarray(row * WIDTH, (row + 1) * WIDTH));

describe("rows of tokens", () => {
  const weights = weightsOf(40);
  const old = weights.get("table") as Float32Array;

  it("keeps old rows in front, to the bit, and begins new ones at the mean", async () => {
    const made = await grown("table", weights, growth(40, 60));
    expect(made.subarray(0, old.length)).toEqual(old);
    const mean = [0, 1, 2].map(
      (column) => old.reduce((sum, x, at) => sum + (at % WIDTH === column ? x : 0), 0) / 40,
    );
    for (let row = 40; row < 60; row++) {
      // within six deviations of the draws, which are 3e-5 of the rows' own
      for (const [column, value] of rowOf(made, row).entries())
        expect(Math.abs(value - (mean[column] ?? 0))).toBeLessThan(6e-4);
    }
    expect(rowOf(made, 40)).not.toEqual(rowOf(made, 41));
    const biases = await grown("bias", weights, growth(40, 41));
    const oldBias = weights.get("bias") as Float32Array;
    expect(biases[40]).toBeCloseTo(oldBias.reduce((sum, x) => sum + x, 0) / 40, 3);
  });

  it("draws rows with the covariance of the old ones", async () => {
    // a table whose columns vary by 1, 2 and 3 and are correlated
    const random = createRandom(3);
    const data = new Float32Array(500 * WIDTH);
    for (let row = 0; row < 500; row++) {
      const [a, b, c] = [random.normal(), random.normal(), random.normal()];
      data.set([a, a + 2 * b, b - 3 * c], row * WIDTH);
    }
    const from = covariance(data);
    const made = await grown("table", new Map([["table", data]]), growth(500, 500 + 4000));
    const found = covariance(made.subarray(500 * WIDTH));
    for (const [index, value] of from.entries()) {
      const scale = Math.sqrt(
        (from[WIDTH * Math.floor(index / WIDTH) + Math.floor(index / WIDTH)] ?? 0) *
          (from[(index % WIDTH) * (WIDTH + 1)] ?? 0),
      );
      // 4000 draws: six standard errors of a covariance, 6 sqrt(2 / 4000)
      expect(Math.abs((found[index] ?? 0) / COVARIANCE_SHARE - value)).toBeLessThan(0.14 * scale);
    }
  });

  it("reads any stretch of a table as the whole of it", async () => {
    const one = growth(40, 60, {
      places: Int32Array.from({ length: 60 }, (_, row) => (row % 3 === 0 ? -1 : (row * 7) % 40)),
    });
    const whole = await grown("table", weights, one);
    const read = withGrownRows(layoutOf(40), [one], memorySource(weights));
    for (const [start, length] of [
      [0, 7],
      [5, 30],
      [91, 1],
      [120, 60],
    ] as const) {
      const into = new Float32Array(length);
      expect(await read("table", into, start)).toEqual(whole.subarray(start, start + length));
    }
  });

  it("moves old rows, and means the rows of pieces", async () => {
    const places = Int32Array.from({ length: 42 }, (_, row) => (row < 2 ? -1 : 41 - row));
    const one = growth(40, 42, {
      start: "pieces",
      places,
      pieces: new Map([[0, [4, 6]]]),
    });
    const made = await grown("table", weights, one);
    expect(rowOf(made, 41)).toEqual(rowOf(old, 0));
    expect(rowOf(made, 2)).toEqual(rowOf(old, 39));
    const [four, six] = [rowOf(old, 4), rowOf(old, 6)];
    for (const [column, value] of rowOf(made, 0).entries())
      expect(value).toBeCloseTo(((four[column] ?? 0) + (six[column] ?? 0)) / 2, 6);
    // a token without pieces starts at the moments
    const plain = growth(40, 42, { places });
    expect(rowOf(made, 1)).toEqual(rowOf(await grown("table", weights, plain), 1));
  });

  it("starts at random as a model does, biases at zero", async () => {
    const one = growth(40, 2040, { start: "random", drawn: { seed: 5, deviation: 0.5 } });
    const made = (await grown("table", weights, one)).subarray(40 * WIDTH);
    const deviation = Math.sqrt(made.reduce((sum, x) => sum + x * x, 0) / made.length);
    // 6000 draws: six standard errors, 6 / sqrt(2 * 6000)
    expect(Math.abs(deviation / 0.5 - 1)).toBeLessThan(0.055);
    expect((await grown("bias", weights, one)).subarray(40)).toEqual(new Float32Array(2000));
  });

  it("draws by the seed alone", async () => {
    const other = growth(40, 60, { drawn: { seed: 6, deviation: 0.02 } });
    const [one, again, others] = await Promise.all([
      grown("table", weights, growth(40, 60)),
      grown("table", weights, growth(40, 60)),
      grown("table", weights, other),
    ]);
    expect(again).toEqual(one);
    expect(others).not.toEqual(one);
  });
});

function covariance(data: Float32Array): readonly number[] {
  const rows = data.length / WIDTH;
  const mean = Array.from({ length: WIDTH }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += data[row * WIDTH + column] ?? 0;
    return sum / rows;
  });
  return Array.from({ length: WIDTH * WIDTH }, (_, index) => {
    const [i, j] = [Math.floor(index / WIDTH), index % WIDTH];
    let sum = 0;
    for (let row = 0; row < rows; row++)
      sum +=
        ((data[row * WIDTH + i] ?? 0) - (mean[i] ?? 0)) *
        ((data[row * WIDTH + j] ?? 0) - (mean[j] ?? 0));
    return sum / rows;
  });
}
