import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { drawnSources, growAll } from "../__fixtures__/drawn-sources.js";
import { fixed, growing, parameter, tinyLayout } from "../__fixtures__/tiny-layout.js";
import type { Layout } from "../layout/layout.js";
import { groupedAttentionSpaces } from "../layout/parts/spaces.js";
import { copiedFrom } from "../methods/fresh-entries.js";
import { directCopy } from "../methods/direct-copy.js";
import { losslessFreshOperator } from "../methods/lossless-fresh.js";
import { createPlan } from "../plan/create-plan.js";
import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";
import type { FreshPlaces, Operator } from "./operator.js";

/** A decoder of Llama's kind: grouped queries, RMS norms, a gain stored less one, and a tied table. */
function decoder(embed: number, heads: number, headSize: number, layers = 2): Layout {
  const norm = { initial: "ones", norm: "rms" } as const;
  return tinyLayout(
    layers,
    {
      embed: growing(embed),
      ...groupedAttentionSpaces({ heads, keyValueHeads: heads / 2, headSize }),
      vocab: fixed(5),
    },
    [
      parameter("table", ["vocab:fixed", "embed:out"]),
      parameter("h.{i}.norm", ["embed:elem"], norm),
      parameter("h.{i}.q", ["query:out", "embed:in"]),
      parameter("h.{i}.k", ["key:out", "embed:in"]),
      parameter("h.{i}.v", ["value:out", "embed:in"]),
      parameter("h.{i}.o", ["embed:out", "context:in"]),
      parameter("norm", ["embed:elem"], { ...norm, initial: "zeros", offset: 1, readout: true }),
      parameter("readout", ["vocab:fixed", "embed:in"], { tiedTo: "table" }),
    ],
  );
}

const random = createRandom(4);
const wider = createPlan(decoder(8, 4, 2), decoder(12, 6, 3, 3));
const grown = (plan: Plan, operator: Operator): Promise<Map<string, Float32Array>> =>
  growAll(plan, operator, drawnSources(plan));

/** Direct copy whose fresh entries are told by their places. */
function placedCopy(plan: Plan, more: Partial<FreshPlaces> = {}, relative?: true): Operator {
  const operator = directCopy.operator(plan, { random });
  const places = { rule: "new" as const, layers: copiedFrom(plan, "kept", random), ...more };
  return {
    ...operator,
    fresh: { ...operator.fresh!, places, ...(relative ? { relative, deviation: 1 } : {}) },
  };
}

const deviationOf = (data: Float32Array): number => {
  const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
  return Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length);
};

describe("entries that start afresh by their places", () => {
  it.each([
    [
      "an encoder",
      createPlan(
        bertLayout({ layers: 2, hidden: 16, heads: 2, intermediate: 32, tied: true }),
        bertLayout({ layers: 3, hidden: 24, heads: 2, intermediate: 41, tied: true }),
      ),
    ],
    ["a decoder", wider],
  ])("are those that no term reaches, where these are all that is new: %s", async (_name, plan) => {
    const operator = directCopy.operator(plan, { random });
    expect(await grown(plan, placedCopy(plan))).toEqual(await grown(plan, operator));
  });

  it("are drawn at the deviation of the layer that they belong to, of all layers where it is new", async () => {
    const sources = drawnSources(wider);
    for (const [name, { data }] of sources)
      if (name === "h.1.q") data.forEach((value, index) => (data[index] = 5 * value));
    const plain = await growAll(wider, placedCopy(wider), sources);
    const own = await growAll(wider, placedCopy(wider, {}, true), sources);
    const drawn = directCopy.operator(wider, { random }).fresh!.deviation;
    const [first, second] = ["h.0.q", "h.1.q"].map((name) => sources.get(name)!.data);
    const pooled = deviationOf(Float32Array.from([...first!, ...second!]));
    // the pooled deviation is around the mean of both
    for (const [name, expected] of [
      ["h.0.q", deviationOf(first!)],
      ["h.1.q", deviationOf(second!)],
      ["h.2.q", pooled],
    ] as const) {
      const last = plain.get(name)!.length - 1;
      const ratio = own.get(name)![last]! / plain.get(name)![last]!;
      expect(ratio, name).toBeCloseTo(expected / drawn, 3);
    }
    const gain = sources.get("h.0.norm")!.data;
    expect(own.get("h.0.norm")![11]).toBeCloseTo(gain.reduce((sum, x) => sum + x, 0) / 8, 6);
  });

  it("are smaller by a power of how much what they read grows; so are terms, by a power of theirs", async () => {
    const [plain, scaled] = [
      await grown(wider, placedCopy(wider)),
      await grown(wider, { ...placedCopy(wider, { readPower: 1 }), readPower: 0.5 }),
    ];
    const [before, after] = [plain.get("h.0.q")!, scaled.get("h.0.q")!];
    // 12 columns: 8 old ones
    expect(after[0]! / before[0]!).toBeCloseTo(Math.sqrt(8 / 12), 6);
    expect(after[11]! / before[11]!).toBeCloseTo(8 / 12, 6);
    expect(scaled.get("table")).toEqual(plain.get("table"));
  });

  it("have zeros on one side of every new unit where nothing is to be lost", async () => {
    const own = await grown(wider, losslessFreshOperator(wider, random));
    const zeroAt = (name: string, columns: number) => (row: number, column: number) =>
      own.get(name)![row * columns + column] === 0;
    const table = zeroAt("table", 12);
    for (const token of [0, 4])
      expect([7, 8, 11].map((unit) => table(token, unit))).toEqual([false, true, true]);
    // heads of 3 channels over 2 before: query heads 0 to 5, of which 0 to 3 are old
    const query = zeroAt("h.0.q", 12);
    for (const row of [0, 2, 12, 17])
      expect([query(row, 0), query(row, 11)]).toEqual([false, false]);
    // keys of the old heads 0 and 1 in rows 0 to 5, the third of each new
    const key = zeroAt("h.0.k", 12);
    for (const row of [2, 5]) expect([key(row, 0), key(row, 11)]).toEqual([true, true]);
    for (const row of [0, 6, 8]) expect([key(row, 0), key(row, 11)]).toEqual([false, false]);
    const output = zeroAt("h.0.o", 18);
    for (const [row, column] of [
      [0, 2],
      [0, 12],
      [8, 0],
      [11, 17],
    ] as const)
      expect(output(row, column), `${row}, ${column}`).toBe(true);
    expect(output(7, 10)).toBe(false);
    // the added layer, a copy of the first, writes nothing
    expect(new Set(own.get("h.1.o"))).toEqual(new Set([0]));
    expect(own.get("h.1.v")).not.toEqual(own.get("h.0.v"));
  });

  it("gives new gains the mean of the old ones, for the new width", async () => {
    const sources = drawnSources(wider);
    const own = await growAll(wider, losslessFreshOperator(wider, random), sources);
    const scale = Math.sqrt(8 / 12);
    const mean = (name: string): number =>
      sources.get(name)!.data.reduce((sum, value) => sum + value, 0) / 8;
    expect(own.get("h.0.norm")![10]).toBeCloseTo(scale * mean("h.0.norm"), 6);
    // stored less one
    expect(own.get("norm")![10]).toBeCloseTo(scale * (mean("norm") + 1) - 1, 6);
  });
});
