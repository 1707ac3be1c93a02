import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { drawnSources, growAll } from "../__fixtures__/drawn-sources.js";
import { growing, parameter, tinyLayout } from "../__fixtures__/tiny-layout.js";
import { materialise } from "../operator/materialise.js";
import { createPlan } from "../plan/create-plan.js";
import { expressions, operatorNames } from "../operator/expressions.js";
import { decodeOperator, encodeOperator } from "../operator/operator-file.js";
import type { Matrix, Operator } from "../operator/operator.js";
import { createRandom } from "../random.js";
import { mangoOperator } from "./mango.js";
import { stackOperator } from "./stack.js";

/** A fused attention [in, out], an output [out, in], and an MLP of twice the size, in either storage. */
const layout = (layers: number, size: number) =>
  tinyLayout(
    layers,
    {
      embed: growing(size),
      query: growing(size, { scope: "layer" }),
      value: growing(size, { scope: "layer" }),
      mlp: growing(2 * size, { scope: "layer" }),
    },
    [
      parameter("token", ["embed:out"]),
      parameter("h.{i}.attention", ["embed:in", "query+value:out"]),
      parameter("h.{i}.output", ["embed:out", "value:in"]),
      parameter("h.{i}.up", ["mlp:out", "embed:in"]),
      parameter("h.{i}.down", ["mlp:in", "embed:out"]),
      parameter("h.{i}.bias", ["mlp:out"]),
    ],
  );
const [D1, D2, L1, L2] = [3, 5, 2, 3];
const plan = createPlan(layout(L1, D1), layout(L2, D2));

const weights = drawnSources(plan);

const grow = (operator: Operator): Promise<Map<string, Float32Array>> =>
  growAll(plan, operator, weights);

/** The same operator with every number drawn anew. */
function randomised(operator: Operator): Operator {
  const tensors = [...operator.tensors].map(([name, { rows, columns }]): [string, Matrix] => {
    const { normal } = createRandom(11).fork(name);
    return [name, { rows, columns, data: Float32Array.from({ length: rows * columns }, normal) }];
  });
  return { ...operator, tensors: new Map(tensors) };
}

/** Block kinds in order: where entry [out, in] of each stands in its tensor of a given width. */
const KINDS: readonly {
  readonly name: string;
  readonly at: (size: number, out: number, input: number) => number;
}[] = [
  { name: "attention", at: (d, o, i) => i * 2 * d + o },
  { name: "attention", at: (d, o, i) => i * 2 * d + d + o },
  { name: "output", at: (d, o, i) => o * d + i },
  { name: "up", at: (d, o, i) => o * d + i },
  { name: "up", at: (d, o, i) => (d + o) * d + i },
  { name: "down", at: (d, o, i) => i * d + o },
  { name: "down", at: (d, o, i) => (d + i) * d + o },
];

describe("mango", () => {
  it.each([1, 2])(
    "at rank %d is the multilinear map of the four modes, entry by entry",
    async (rank) => {
      const operator = randomised(mangoOperator(plan, createRandom(1), { rank }));
      const grown = await grow(operator);
      const entry = (name: string, row: number, column: number): number => {
        const { columns, data } = operator.tensors.get(name)!;
        return data[row * columns + column]!;
      };
      for (const [b2, target] of KINDS.entries()) {
        for (let l2 = 0; l2 < L2; l2++) {
          for (let o2 = 0; o2 < D2; o2++) {
            for (let i2 = 0; i2 < D2; i2++) {
              let sum = 0;
              for (let r = 0; r < rank; r++) {
                const term = r === 0 ? "" : `term.${r}.`;
                for (const [b1, source] of KINDS.entries()) {
                  for (let l1 = 0; l1 < L1; l1++) {
                    const weight =
                      entry(`${term}kinds.encoder`, b2, b1) *
                      entry(`${term}depth.h.{i}.${target.name}`, l2, l1);
                    const { data } = weights.get(`h.${l1}.${source.name}`)!;
                    for (let o1 = 0; o1 < D1; o1++) {
                      for (let i1 = 0; i1 < D1; i1++) {
                        sum +=
                          weight *
                          entry(`${term}width.block`, o2, o1) *
                          entry(`${term}read.block`, i2, i1) *
                          data[source.at(D1, o1, i1)]!;
                      }
                    }
                  }
                }
              }
              const found = grown.get(`h.${l2}.${target.name}`)![target.at(D2, o2, i2)]!;
              // sums of a few hundred products of five normals, in float32 here and there
              expect(Math.abs(found - sum)).toBeLessThan(1e-4 * Math.max(1, Math.abs(sum)));
            }
          }
        }
      }
    },
  );

  it("has one writing and one reading map, and starts as stacking", async () => {
    const operator = mangoOperator(plan, createRandom(1), { rank: 2, depth: "stackbert" });
    expect([...operator.tensors.keys()].filter((name) => !name.includes("depth."))).toEqual([
      "width.block",
      "read.block",
      "kinds.encoder",
      "term.1.width.block",
      "term.1.read.block",
      "term.1.kinds.encoder",
    ]);
    const tensors = await grow(operator);
    const { data: small } = weights.get("h.0.up")!;
    const at = (unit: number): number => unit % D1;
    // units in the middle are copied twice, of which each reader takes a half
    const copies = [2, 2, 1];
    const up = tensors.get("h.2.up")!;
    for (let out = 0; out < 2 * D2; out++) {
      for (let input = 0; input < D2; input++) {
        const from = (Math.floor(out / D2) * D1 + at(out % D2)) * D1 + at(input);
        expect(up[out * D2 + input]).toBeCloseTo(small[from]! / copies[at(input)]!, 6);
      }
    }
    expect([...tensors.get("token")!]).toEqual(
      Array.from({ length: D2 }, (_, unit) => weights.get("token")!.data[at(unit)]),
    );
  });

  it("at whole multiples and equal heads starts as `stack` itself", () => {
    const [small, large] = [16, 32].map((hidden) =>
      bertLayout({ layers: 2, hidden, heads: hidden / 8, intermediate: 4 * hidden }),
    ) as [ReturnType<typeof bertLayout>, ReturnType<typeof bertLayout>];
    const doubled = createPlan(small, large);
    const { tensors } = mangoOperator(doubled, createRandom(1));
    const stack = stackOperator(doubled).tensors;
    expect(tensors.get("width.block")).toEqual(stack.get("width.embed"));
    expect(tensors.get("width.block")).toEqual(stack.get("width.query"));
    expect(tensors.get("read.block")).toEqual(stack.get("read.value"));
    // query, key, value, output, and four blocks of each matrix of the MLP
    expect(tensors.get("kinds.encoder")).toMatchObject({ rows: 12, columns: 12 });
  });

  it("goes through a file, of version 2 alone", () => {
    const operator = mangoOperator(plan, createRandom(1), { rank: 2 });
    const { metadata, tensors } = encodeOperator(operator);
    expect(metadata).toMatchObject({ format_version: "2", width_scope: "block", terms: "2" });
    const stored = new Map(
      [...tensors].map(([name, { rows, columns, data }]) => [
        name,
        { shape: [rows, columns], data },
      ]),
    );
    expect(decodeOperator(plan, metadata, stored)).toEqual(operator);
    expect(() => decodeOperator(plan, { ...metadata, format_version: "1" }, stored)).toThrow(
      expect.objectContaining({ code: "operator/metadata", actual: "block" }),
    );
    stored.delete("kinds.encoder");
    expect(() => decodeOperator(plan, metadata, stored)).toThrow(
      expect.objectContaining({ code: "operator/missing-tensor", tensor: "kinds.encoder" }),
    );
  });

  it("says what cannot be cut into blocks", () => {
    const uneven = createPlan(
      bertLayout({ layers: 1, hidden: 16, heads: 2, intermediate: 40 }),
      bertLayout({ layers: 1, hidden: 32, heads: 2, intermediate: 64 }),
    );
    expect(() => mangoOperator(uneven, createRandom(1))).toThrow(
      expect.objectContaining({ code: "plan/no-blocks", actual: "40 and 64" }),
    );
  });

  it("cannot make a tensor from its own kind alone", async () => {
    const operator = mangoOperator(plan, createRandom(1));
    const expression = expressions(plan, operatorNames(operator)).find(
      ({ name }) => name === "h.0.up",
    )!;
    const sources = expression.sources.map((name) => weights.get(name)!.data);
    await expect(materialise(expression, operator, sources)).rejects.toMatchObject({
      code: "operator/kinds",
    });
  });
});
