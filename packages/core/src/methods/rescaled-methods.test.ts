import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { drawnSources, growAll } from "../__fixtures__/drawn-sources.js";
import { initialTensor } from "../layout/initial-tensor.js";
import { createPlan } from "../plan/create-plan.js";
import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { sparkling } from "./sparkling.js";
import { stackOperator } from "./stack.js";
import { szp } from "./szp.js";

const grownTo = (hidden: number, heads: number, intermediate: number, layers = 2): Plan =>
  createPlan(
    bertLayout({ layers: 2, hidden: 16, heads: 2, intermediate: 32, tied: true }),
    bertLayout({ layers, hidden, heads, intermediate, tied: true }),
  );
const plan = grownTo(24, 3, 41, 3);
const weights = drawnSources(plan);
const source = (name: string): Float32Array => weights.get(name)!.data;
/** [24, 41] of [16, 32]. */
const DOWN = "bert.encoder.layer.1.output.dense.weight";
const GAIN = "bert.encoder.layer.1.output.LayerNorm.weight";
const TABLE = "bert.embeddings.word_embeddings.weight";

const parameterOf = (name: string) => plan.tensors.find((one) => one.name === name)!.parameter;
const rootMeanSquare = (data: Float32Array): number =>
  Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);

describe("sparkling", () => {
  const random = createRandom(1);
  const readsOf = (of: Plan, space: string): Set<number> =>
    new Set(
      sparkling
        .operator(of, { random })
        .tensors.get(`read.${space}`)!
        .data.filter((x) => x !== 0),
    );

  it("copies on both sides and rescales what reads: sqrt(d / (3 d' - 2 d))", () => {
    const root = (old: number, now: number) => Math.fround(Math.sqrt(old / (3 * now - 2 * old)));
    expect(readsOf(plan, "embed")).toEqual(new Set([root(16, 24)]));
    expect(readsOf(plan, "mlp")).toEqual(new Set([root(32, 41)]));
    expect(readsOf(grownTo(32, 4, 64), "embed")).toEqual(new Set([0.5]));
    expect(readsOf(grownTo(64, 8, 128), "mlp")).toEqual(new Set([0.25]));
    const { tensors } = sparkling.operator(plan, { random });
    expect(new Set(tensors.get("width.embed")!.data)).toEqual(new Set([0, 1]));
  });

  it("is stack where all units have as many copies, and loses what stack loses", () => {
    const even = grownTo(32, 4, 64);
    expect(sparkling.operator(even, { random })).toEqual(stackOperator(even));
    expect(sparkling.keepsFunction(even)).toEqual({ kept: true });
    const wider = sparkling.keepsFunction(grownTo(16, 2, 41));
    expect(wider).toEqual({
      kept: false,
      reasons: [
        "mlp: 32 becomes 41, and its units cannot all have the same number of copies, which what reads them weighs alike",
      ],
    });
  });

  it("draws new units at their tensor's own deviation, all reads times sqrt(d / d')", async () => {
    const operator = sparkling.operator(plan, { random, options: { newUnits: "fresh" } });
    const grown = await growAll(plan, operator, weights);
    const factor = Math.sqrt(32 / 41);
    const down = grown.get(DOWN)!;
    const old = down.filter((_, index) => index % 41 < 32 && index < 16 * 41);
    const expected = source(DOWN).map((value) => factor * value);
    // float32
    expect(old).toBeAllClose(expected, { absolute: 1e-6 });
    const fresh = down.filter((_, index) => index % 41 >= 32 || index >= 16 * 41);
    // 472 numbers: their deviation is known to one part in thirty; three times that
    expect(Math.abs(rootMeanSquare(fresh) / rootMeanSquare(expected) - 1)).toBeLessThan(0.1);
    expect(grown.get(TABLE)!.subarray(0, 16)).toEqual(source(TABLE).subarray(0, 16));
  });

  it("keeps the root mean square of what is read, however it is widened", async () => {
    const [outputs, old, now] = [128, 100, 160];
    const layout = (intermediate: number) =>
      bertLayout({ layers: 2, hidden: outputs, heads: 2, intermediate, tied: true });
    const of = createPlan(layout(old), layout(now));
    const sources = drawnSources(of);
    const { normal } = createRandom(4);
    const x = Float32Array.from({ length: now }, normal);
    for (const newUnits of ["copies", "fresh"] as const) {
      const operator = sparkling.operator(of, { random, options: { newUnits } });
      const down = (await growAll(of, operator, sources)).get(DOWN)!;
      const input = newUnits === "copies" ? x.map((_, unit) => x[unit % old]!) : x;
      const sums = (matrix: Float32Array, columns: number): Float32Array =>
        Float32Array.from({ length: outputs }, (_, row) =>
          input
            .subarray(0, columns)
            .reduce((sum, value, column) => sum + value * matrix[row * columns + column]!, 0),
        );
      const before = rootMeanSquare(sums(sources.get(DOWN)!.data, old));
      // 128 sums know their deviation to a part of sixteen, and inputs theirs to a part of fourteen; unscaled it would be 1.26 or 1.67
      const ratio = rootMeanSquare(sums(down, now)) / before;
      expect(Math.abs(ratio - 1), newUnits).toBeLessThan(0.2);
    }
  });
});

describe("szp", () => {
  it("shrinks the weights, pads them, and adds numbers of muP's deviation to every entry", async () => {
    const input = { random: createRandom(2), options: { deviation: 0.1, shrink: 0.5 } };
    const operator = szp.operator(plan, input);
    const grown = await growAll(plan, operator, weights);
    const drawn = (name: string, size: number, deviation: number) =>
      initialTensor(
        parameterOf(name),
        size,
        deviation,
        createRandom(operator.fresh!.seed).fork(name),
      );
    const start = drawn(DOWN, 24 * 41, 0.1 * Math.sqrt(32 / 41));
    const expected = start.map((value, index) => {
      const [row, column] = [Math.floor(index / 41), index % 41];
      return value + (row < 16 && column < 32 ? 0.5 * source(DOWN)[row * 32 + column]! : 0);
    });
    // float32
    expect(grown.get(DOWN)!).toBeAllClose(expected, { absolute: 1e-6 });
    // a table reads nothing that grows
    const table = drawn(TABLE, grown.get(TABLE)!.length, 0.1);
    expect(grown.get(TABLE)![23]).toBe(table[23]);
    expect(grown.get(TABLE)![3]).toBeCloseTo(table[3]! + 0.5 * source(TABLE)[3]!, 6);
  });

  it("leaves gains and biases, and starts new ones and new layers from scratch", async () => {
    const operator = szp.operator(plan, { random: createRandom(2) });
    const grown = await growAll(plan, operator, weights);
    expect(grown.get(GAIN)!.subarray(0, 16)).toEqual(source(GAIN));
    expect(new Set(grown.get(GAIN)!.subarray(16))).toEqual(new Set([1]));
    const last = DOWN.replace(".1.", ".2.");
    // 984 numbers: their deviation is known to one part in forty; three times that
    const deviation = 0.02 * Math.sqrt(32 / 41);
    expect(Math.abs(rootMeanSquare(grown.get(last)!) / deviation - 1)).toBeLessThan(0.08);
  });

  it("says what it does to the function, nothing grown included", () => {
    const nothing = grownTo(16, 2, 32);
    expect(szp.keepsFunction(nothing, undefined, { shrink: 0.5 })).toEqual({
      kept: false,
      reasons: ["all weights are multiplied by 0.5, and numbers are added to them"],
    });
  });
});
