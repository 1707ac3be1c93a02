import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { drawnSources, growAll } from "../__fixtures__/drawn-sources.js";
import { decodeOperator, encodeOperator, type StoredTensor } from "../operator/operator-file.js";
import type { Operator } from "../operator/operator.js";
import { createPlan } from "../plan/create-plan.js";
import { createRandom } from "../random.js";
import { fpi } from "./fpi.js";
import { interpolate } from "./interpolate.js";
import type { Method } from "./method.js";
import type { RedrawnOptions } from "./redrawn-units.js";
import { stack, stackOperator } from "./stack.js";

const plan = createPlan(
  bertLayout({ layers: 2, hidden: 16, heads: 2, intermediate: 32, tied: true }),
  bertLayout({ layers: 3, hidden: 32, heads: 4, intermediate: 52, tied: true }),
);
const sources = drawnSources(plan);
const operatorOf = (
  redrawn: number | undefined,
  method: Method<RedrawnOptions> = stack,
  seed = 3,
): Operator => method.operator(plan, { random: createRandom(seed), options: { redrawn } });
const unitsOf = (operator: Operator, space: string): readonly number[] =>
  operator.fresh?.places?.units?.[space] ?? [];

const UP = "bert.encoder.layer.0.intermediate.dense.weight";
const DOWN = "bert.encoder.layer.0.output.dense.weight";
const deviationOf = (data: readonly number[]): number => {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
};

describe("a share of new units that is drawn anew", () => {
  it("of 0 changes nothing, to the bit", () => {
    expect(operatorOf(0)).toEqual(stackOperator(plan));
    expect(operatorOf(undefined)).toEqual(stackOperator(plan));
    expect(stack.keepsFunction(plan, undefined, { redrawn: 0 })).toEqual(stack.keepsFunction(plan));
    expect(operatorOf(0, fpi)).not.toHaveProperty("fresh");
  });

  it.each([stack, interpolate, fpi])("is drawn by $name, and others are copies", async (method) => {
    const operator = operatorOf(0.5, method);
    const [units, heads] = [unitsOf(operator, "mlp"), unitsOf(operator, "query")];
    expect(units).toHaveLength(10);
    expect(units.every((unit) => unit >= 32 && unit < 52)).toBe(true);
    // one of two new heads of eight channels, whole, and alike in all that have it
    expect(heads).toHaveLength(8);
    expect(heads.map((unit) => unit - heads[0]!)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(["key", "value"].map((space) => unitsOf(operator, space))).toEqual([heads, heads]);
    const drawn = new Set(units);
    const channels = new Set(unitsOf(operator, "embed"));
    expect(channels.size).toBe(8);
    const map = operator.tensors.get("width.mlp")!;
    for (let unit = 0; unit < 52; unit++) {
      const row = [...map.data.subarray(unit * 32, (unit + 1) * 32)];
      expect(row.filter((weight) => weight !== 0)).toEqual(drawn.has(unit) ? [] : [1]);
    }
    // what reads the copies of a unit shares it among those that are left
    const read = operator.tensors.get("read.mlp")!;
    for (let old = 0; old < 32; old++) {
      let sum = 0;
      for (let unit = 0; unit < 52; unit++) sum += read.data[unit * 32 + old]!;
      // float32 thirds
      expect(sum).toBeCloseTo(1, 6);
    }
    const grown = await growAll(plan, operator, sources);
    const { fresh: _, ...alone } = operator;
    const plain = await growAll(plan, alone, sources);
    for (const [name, columns, isDrawn] of [
      [UP, 32, (row: number, column: number) => drawn.has(row) || channels.has(column)],
      [DOWN, 52, (row: number, column: number) => channels.has(row) || drawn.has(column)],
    ] as const) {
      const [own, copied] = [grown.get(name)!, plain.get(name)!];
      for (const [index, value] of own.entries()) {
        const isOwn = isDrawn(Math.floor(index / columns), index % columns);
        expect(value === copied[index], `${name} ${index}`).toBe(!isOwn);
        if (isOwn) expect(copied[index]).toBe(0);
      }
    }
  });

  it("has the deviation of its tensor, of the layer that is copied", async () => {
    const wide = new Map(sources);
    for (const [name, { data }] of sources)
      if (name.includes(".layer.1.")) wide.set(name, { data: data.map((value) => 5 * value) });
    const operator = operatorOf(1);
    const grown = await growAll(plan, operator, wide);
    const drawn = unitsOf(operator, "mlp");
    for (const layer of [0, 1, 2]) {
      const data = grown.get(`bert.encoder.layer.${layer}.intermediate.dense.weight`)!;
      const numbers = drawn.flatMap((unit) => [...data.subarray(unit * 32, (unit + 1) * 32)]);
      const source = [
        ...wide.get(`bert.encoder.layer.${layer % 2}.intermediate.dense.weight`)!.data,
      ];
      // of 640 normal numbers, whose deviation has one of 3 %
      expect(Math.abs(deviationOf(numbers) / deviationOf(source) - 1)).toBeLessThan(0.12);
    }
    const gain = "bert.encoder.layer.0.output.LayerNorm.weight";
    const mean = wide.get(gain)!.data.reduce((sum, value) => sum + value / 16, 0);
    expect(grown.get(gain)![unitsOf(operator, "embed")[0]!]).toBeCloseTo(mean, 6);
  });

  it("of 1 leaves no copies", () => {
    const operator = operatorOf(1);
    expect(unitsOf(operator, "mlp")).toEqual(Array.from({ length: 20 }, (_, unit) => 32 + unit));
    const { data } = operator.tensors.get("read.mlp")!;
    expect(data.every((weight, index) => weight === Number(index % 33 === 0 && index < 1024))).toBe(
      true,
    );
  });

  it("is another one by another seed, the same by the same, and one unit at least", () => {
    expect(operatorOf(0.5)).toEqual(operatorOf(0.5));
    expect(unitsOf(operatorOf(0.5, stack, 4), "mlp")).not.toEqual(unitsOf(operatorOf(0.5), "mlp"));
    expect(unitsOf(operatorOf(1e-3), "mlp")).toHaveLength(1);
  });

  it("says that it changes the function, and is an option from 0 to 1", () => {
    const kept = stack.keepsFunction(plan, undefined, { redrawn: 0.25 });
    expect(JSON.stringify(kept)).toContain("mlp: 32 becomes 52, and a share of 0.25");
    expect(() => operatorOf(1.5)).toThrow(/redrawn/u);
  });
});

describe("its file", () => {
  const operator = operatorOf(0.5);
  const { metadata, tensors } = encodeOperator(operator);
  const stored = new Map(
    [...tensors].map(([name, { columns, data, rows }]): [string, StoredTensor] => [
      name,
      { shape: [rows, columns], data },
    ]),
  );

  it("is of version 4, and says which units", () => {
    expect(metadata["format_version"]).toBe("4");
    expect(decodeOperator(plan, metadata, stored)).toEqual(operator);
  });

  it.each([
    ["fresh_units", "[]"],
    ["fresh_units", '{"mlp":3}'],
    ["fresh_units", '{"mlp":[3,3]}'],
    ["fresh_units", '{"mlp":[52]}'],
    ["fresh_units", '{"mlp":[-1]}'],
    ["fresh_units", '{"mlp":[0.5]}'],
    ["fresh_units", '{"other":[0]}'],
    ["fresh_rule", "lossless"],
  ])("refuses %s %s", (key, value) => {
    expect(() => decodeOperator(plan, { ...metadata, [key]: value }, stored)).toThrow(
      expect.objectContaining({ code: "operator/metadata" }) as Error,
    );
  });
});
