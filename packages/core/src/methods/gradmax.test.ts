import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { drawnProbe } from "../__fixtures__/drawn-probe.js";
import { drawnSources, growAll } from "../__fixtures__/drawn-sources.js";
import { fixed, growing, parameter, reader, tinyLayout } from "../__fixtures__/tiny-layout.js";
import type { Layout } from "../layout/layout.js";
import type { Operator } from "../operator/operator.js";
import { createPlan } from "../plan/create-plan.js";
import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { freshTensors } from "../stream/fresh-tensors.js";
import { gradmax } from "./gradmax.js";
import { losslessFresh } from "./lossless-fresh.js";
import { makeOperator } from "./make-operator.js";
import type { DataProbe, ProbedModel } from "./method.js";

const random = createRandom(2);
const plan = createPlan(
  bertLayout({ layers: 2, hidden: 8, heads: 2, intermediate: 12, tied: true }),
  bertLayout({ layers: 3, hidden: 12, heads: 3, intermediate: 23, tied: true }),
);
const sources = drawnSources(plan);
const LAYER = "bert.encoder.layer";

function grown(probe: Partial<DataProbe> = {}, of: Plan = plan, unitLength = 1): Promise<Operator> {
  const input = { random, options: { unitLength }, probe: { ...drawnProbe, ...probe } };
  return makeOperator(gradmax, of, reader(drawnSources(of)), input);
}

/** Rows of a matrix of so many columns. */
const rowsOf = (data: Float32Array, columns: number): number[][] =>
  Array.from({ length: data.length / columns }, (_, row) => [
    ...data.subarray(row * columns, (row + 1) * columns),
  ]);

describe("gradmax", () => {
  it("asks for the gradients of one silent unit for every channel", async () => {
    let asked: ProbedModel | undefined;
    await grown({
      async gradients(model) {
        asked = model;
        return drawnProbe.gradients(model);
      },
    });
    expect(asked?.layout.spaces["mlp"]?.size).toBe(20);
    expect(asked?.wanted).toEqual([
      ...[0, 1].map((layer) => `${LAYER}.${layer}.intermediate.dense.weight`),
      ...[0, 1].map((layer) => `${LAYER}.${layer}.output.dense.weight`),
    ]);
    const weights = (name: string): Float32Array => asked!.weights.get(`${LAYER}.1.${name}`)!;
    const source = (name: string): Float32Array => sources.get(`${LAYER}.1.${name}`)!.data;
    const read = rowsOf(weights("intermediate.dense.weight"), 8);
    expect(read.slice(0, 12)).toEqual(rowsOf(source("intermediate.dense.weight"), 8));
    expect(read.slice(12).flat()).toEqual(Array.from({ length: 64 }, () => 0));
    expect([...weights("intermediate.dense.bias")].slice(12)).toEqual(
      Array.from({ length: 8 }, () => 0),
    );
    const written = rowsOf(weights("output.dense.weight"), 20);
    expect(written.map((row) => row.slice(0, 12))).toEqual(
      rowsOf(source("output.dense.weight"), 12),
    );
    for (const [channel, row] of written.entries())
      expect(row.slice(12)).toEqual(
        Array.from({ length: 8 }, (_, unit) => Number(unit === channel)),
      );
  });

  it("has new units read by zeros, and write what it found at the length of old ones", async () => {
    const own = await growAll(plan, await grown({}, plan, 0.5), sources);
    const drawn = await growAll(plan, losslessFresh.operator(plan, { random }), sources);
    const columns = rowsOf(sources.get(`${LAYER}.0.output.dense.weight`)!.data, 12);
    const lengths = columns[0]!.map((_, unit) => Math.hypot(...columns.map((row) => row[unit]!)));
    const length = 0.5 * (lengths.reduce((sum, one) => sum + one, 0) / 12);
    const written = rowsOf(own.get(`${LAYER}.0.output.dense.weight`)!, 23);
    for (let unit = 0; unit < 8; unit++) {
      const column = written.map((row) => row[12 + unit]!);
      // a new channel holds the mean of the old ones: the norm behind takes it out
      const expected = column.map((_, channel) =>
        channel < 8 ? Number(channel === unit) * length : length / 8,
      );
      // float32
      expect(column).toBeAllClose(expected, { absolute: 1e-6 });
    }
    const read = rowsOf(own.get(`${LAYER}.0.intermediate.dense.weight`)!, 12);
    expect(
      read
        .slice(12, 20)
        .flat()
        .every((value) => value === 0),
    ).toBe(true);
    // eight channels have eight directions; further units are as without data
    expect(
      written
        .map((row) => row.slice(20))
        .flat()
        .every((value) => value === 0),
    ).toBe(true);
    expect(
      read
        .slice(20)
        .flat()
        .every((value) => value !== 0),
    ).toBe(true);
    // so is all else, an added layer too
    for (const [name, data] of drawn)
      if (!/\.(?:0|1|2)\.(?:intermediate|output)\.dense\.weight$/u.test(name))
        expect(own.get(name), name).toEqual(data);
    const added = [0, 1, 2].filter((layer) =>
      rowsOf(own.get(`${LAYER}.${layer}.output.dense.weight`)!, 23).every((row) =>
        row.every((value) => value === 0),
      ),
    );
    expect(added).toHaveLength(1);
  });

  it("tells the same numbers as what starts afresh", async () => {
    const operator = await grown();
    const fresh = await freshTensors(plan, operator, reader(sources));
    const name = `${LAYER}.0.output.dense.weight`;
    const all = await growAll(plan, operator, sources);
    expect(rowsOf(fresh.get(name)!, 23).map((row) => row.slice(12))).toEqual(
      rowsOf(all.get(name)!, 23).map((row) => row.slice(12)),
    );
  });

  it("asks nothing where no MLP grows, and is lossless-fresh then", async () => {
    const deeper = createPlan(
      plan.source,
      bertLayout({ layers: 4, hidden: 8, heads: 2, intermediate: 12, tied: true }),
    );
    const gradients = (): never => {
      throw new Error("Nothing is to be asked.");
    };
    expect(await grown({ gradients }, deeper)).toEqual(losslessFresh.operator(deeper, { random }));
  });

  it("takes no direction that the batch says nothing of", async () => {
    const operator = await grown({
      async singularVectors(matrix) {
        const { vectors } = await drawnProbe.singularVectors(matrix);
        return { values: [4, 2, 1e-7, 1e-9, 0, 0, 0, 0], vectors };
      },
    });
    expect(operator.tensors.get(`fresh.${LAYER}.0.output.dense.weight`)?.rows).toBe(2);
  });
});

describe("refusals", () => {
  it("without data", async () => {
    await expect(makeOperator(gradmax, plan, reader(sources), { random })).rejects.toMatchObject({
      code: "method/no-data",
      expected: "probe",
    });
  });

  const gatedDecoder = (inner: number, fused: boolean): Layout =>
    tinyLayout(
      2,
      { embed: growing(4), mlp: { ...growing(inner), scope: "layer" }, vocab: fixed(5) },
      [
        parameter("table", ["vocab:fixed", "embed:out"]),
        ...(fused
          ? [
              {
                ...parameter("h.{i}.in", ["mlp:out", "embed:in"]),
                axes: [
                  { space: ["mlp", "mlp"], role: "out" as const },
                  { space: "embed", role: "in" as const },
                ],
              },
            ]
          : [
              parameter("h.{i}.gate", ["mlp:out", "embed:in"]),
              parameter("h.{i}.up", ["mlp:out", "embed:in"]),
            ]),
        parameter("h.{i}.down", ["embed:out", "mlp:in"]),
      ],
    );

  it.each([true, false])("of gated MLPs, fused: %s", async (fused) => {
    const of = createPlan(gatedDecoder(6, fused), gatedDecoder(9, fused));
    await expect(grown({}, of)).rejects.toMatchObject({ code: "method/gated" });
  });

  const withGradients = (value: number, isOfReaders: boolean): Partial<DataProbe> => ({
    async gradients(model) {
      const all = await drawnProbe.gradients(model);
      return new Map(
        [...all].map(([name, data]) => [
          name,
          name.includes(".output.") === isOfReaders ? data.map(() => value) : data,
        ]),
      );
    },
  });

  it.each([
    ["method/activation", 0.1, true, "not 0 at 0"],
    ["method/no-gradient", 0, false, "slope of the activation is 0"],
    ["method/no-gradient", Number.NaN, false, "not finite"],
  ])("%s where gradients are %d", async (code, value, isOfReaders, words) => {
    const failed = grown(withGradients(value, isOfReaders));
    await expect(failed).rejects.toMatchObject({ code });
    await expect(failed).rejects.toThrow(words);
  });
});
