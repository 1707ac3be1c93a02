import { describe, expect, it } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { methodNamed } from "../methods/methods.js";
import { lemonOperator } from "../methods/lemon.js";
import {
  countEntries,
  entriesFrom,
  ORIGIN,
  type TensorOrigins,
} from "../operator/entry-origins.js";
import type { Operator } from "../operator/operator.js";
import { createPlan } from "../plan/create-plan.js";
import type { Plan } from "../plan/plan.js";
import { rowChanges, withRowsOf, type RowGrowth } from "../plan/row-growth.js";
import { createRandom } from "../random.js";
import { elementCount } from "../shape.js";
import { createMomentGrower, grownOrigins } from "./moment-grower.js";
import { memorySource, type ReadSource } from "./read-source.js";
import { withZeroRows } from "./rows/row-source.js";

const small = bertLayout({ layers: 2, hidden: 16, heads: 2, intermediate: 32 });
const large = bertLayout({ layers: 3, hidden: 24, heads: 3, intermediate: 48 });
const plan = createPlan(small, large);

/** Moments of a source that are never zero. */
function moments({ tensors }: Plan): ReadonlyMap<string, Float32Array> {
  const random = createRandom(7);
  return new Map(
    tensors.flatMap(({ sourceShape, sources }) =>
      sources.map((name) => {
        const own = random.fork(name);
        const size = elementCount(sourceShape);
        return [name, Float32Array.from({ length: size }, () => 1 + own.uniform())] as const;
      }),
    ),
  );
}

async function grown(
  of: Plan,
  operator: Operator,
  name: string,
  order: "first" | "second" = "first",
  read: ReadSource = memorySource(moments(of)),
): Promise<Float32Array> {
  const grower = await createMomentGrower(of, operator, order, read);
  return (await grower?.grow(name)) ?? new Float32Array(0);
}

const operatorOf = (name: Parameters<typeof methodNamed>[0]): Operator =>
  methodNamed(name).operator(plan, { random: createRandom(3) });

const originsOf = async (operator: Operator): Promise<ReadonlyMap<string, TensorOrigins>> =>
  new Map((await grownOrigins(plan, operator)).map((one) => [one.name, one]));

const layerName = (layer: number, part: string): string => `bert.encoder.layer.${layer}.${part}`;
const UP = "intermediate.dense.weight";

describe("moments", () => {
  it.each([
    "stack",
    "direct-copy",
    "net2net",
    "aki",
    "lemon",
    "interpolate",
    "ligo",
    "mango",
  ] as const)("are where %s copies one entry, and nowhere else", async (name) => {
    const operator = operatorOf(name);
    const source = memorySource(moments(plan));
    const growers = {
      first: await createMomentGrower(plan, operator, "first", source),
      second: await createMomentGrower(plan, operator, "second", source),
    };
    for (const [tensor, origins] of await originsOf(operator)) {
      const copies = entriesFrom(origins, ORIGIN.copy);
      expect(copies.filter(Boolean)).toHaveLength(countEntries(origins, ORIGIN.copy));
      const first = await growers.first?.grow(tensor);
      const second = await growers.second?.grow(tensor);
      // of mango nothing is copied
      if (first === undefined || second === undefined) continue;
      const stray = [...first].filter((value, index) => value !== 0 && copies[index] === 0);
      expect(stray, tensor).toEqual([]);
      expect([...first].map((value) => value !== 0)).toEqual(
        [...second].map((value) => value !== 0),
      );
    }
  });

  it("are those of the first copy of a layer alone", async () => {
    const origins = await originsOf(operatorOf("stack"));
    const counts = [0, 1, 2].map((layer) =>
      countEntries(origins.get(layerName(layer, UP)) as TensorOrigins, ORIGIN.copy),
    );
    // layer 2 copies layer 0 once more
    expect(counts).toEqual([48 * 24, 48 * 24, 0]);
    const first = countEntries(origins.get(layerName(0, UP)) as TensorOrigins, ORIGIN.first);
    expect(first).toBe(32 * 16);
    const interpolated = await originsOf(operatorOf("interpolate"));
    expect(
      [0, 1, 2].map((layer) =>
        countEntries(interpolated.get(layerName(layer, UP)) as TensorOrigins, ORIGIN.first),
      ),
    ).toEqual([32 * 16, 0, 32 * 16]);
  });

  it("of gains that a padded norm scales go through the inverse, and its square", async () => {
    const operator = lemonOperator(plan, createRandom(3));
    const name = layerName(0, "output.LayerNorm.weight");
    const [first, second] = [
      await grown(plan, operator, name, "first"),
      await grown(plan, operator, name, "second"),
    ];
    const [source] = [moments(plan).get(name)];
    // 16 of 24 units are copies: s = 2/3
    for (let unit = 0; unit < 16; unit++) {
      expect(first[unit]).toBeCloseTo((source?.[unit] ?? 0) * Math.sqrt(3 / 2), 5);
      expect(second[unit]).toBeCloseTo((source?.[unit] ?? 0) * (3 / 2), 5);
    }
    expect([...first.subarray(16)]).toEqual(Array.from({ length: 8 }, () => 0));
  });

  it("of new rows are zero, and those of others go with them", async () => {
    const target = bertLayout({ layers: 2, hidden: 16, heads: 2, intermediate: 32 });
    const name = "bert.embeddings.word_embeddings.weight";
    const tokens = target.spaces["vocab"]?.size ?? 0;
    const rows = { of: "tokens" } as const;
    const [before, after] = [tokens, tokens + 3].map((size) => ({
      ...target,
      spaces: {
        ...target.spaces,
        vocab: {
          ...(target.spaces["vocab"] as object),
          size,
          grows: false,
          scope: "model" as const,
          rows,
        },
      },
    }));
    const changes = rowChanges(before!, after!);
    // the first two tokens change places, and the new ones stand between them and the rest
    const places = Int32Array.from({ length: tokens + 3 }, (_, row) =>
      row < 2 ? 1 - row : row < 5 ? -1 : row - 3,
    );
    const growths = changes.map((change): RowGrowth => ({ ...change, start: "moments", places }));
    const wider = createPlan(withRowsOf(before!, changes), after!);
    const source = new Map(moments(createPlan(before!, before!)));
    const read = withZeroRows(before!, growths, memorySource(source));
    const operator = methodNamed("stack").operator(wider, { random: createRandom(1) });
    const found = await grown(wider, operator, name, "first", read);
    const row = (of: Float32Array, at: number): number[] => [
      ...of.subarray(16 * at, 16 * (at + 1)),
    ];
    const old = source.get(name) as Float32Array;
    expect(row(found, 0)).toEqual(row(old, 1));
    expect(row(found, 1)).toEqual(row(old, 0));
    expect(row(found, 3)).toEqual(Array.from({ length: 16 }, () => 0));
    expect(row(found, 5)).toEqual(row(old, 2));
    const origins = await grownOrigins(wider, operator, growths);
    const table = origins.find((one) => one.name === name) as TensorOrigins;
    expect(countEntries(table, ORIGIN.first)).toBe(tokens * 16);
  });
});
