import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { bertLayout } from "../__fixtures__/bert-layout.js";
import { readReference } from "../__fixtures__/reference.js";
import { fixed, growing, parameter, reader, tinyLayout } from "../__fixtures__/tiny-layout.js";
import { randomMatrix } from "../__fixtures__/random-matrix.js";
import { createPlan } from "../plan/create-plan.js";
import { ligoOperator } from "../methods/ligo.js";
import { stackOperator } from "../methods/stack.js";
import { multiply } from "../operator/multiply.js";
import { checkOperatorNumbers, decodeOperator } from "../operator/operator-file.js";
import type { Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import { createRandom, type Random } from "../random.js";
import { resolveTensors } from "../layout/resolve-tensors.js";
import { elementCount } from "../shape.js";
import type { StoredOperator } from "../operator/stored-operator.js";
import { applyOperator, createGrower } from "./grower.js";

function randomSources(plan: Plan, random: Random): Map<string, { data: Float32Array }> {
  const sources = new Map<string, { data: Float32Array }>();
  for (const tensor of plan.tensors) {
    for (const name of tensor.sources) {
      const fork = random.fork(name);
      const data = Float32Array.from({ length: elementCount(tensor.sourceShape) }, fork.normal);
      sources.set(name, { data });
    }
  }
  return sources;
}

async function grow(
  plan: Plan,
  operator: Operator,
  sources: ReadonlyMap<string, { readonly data: Float32Array }>,
): Promise<Map<string, Float32Array>> {
  const grown = new Map<string, Float32Array>();
  for await (const { tensor, data } of applyOperator(plan, operator, reader(sources))) {
    grown.set(tensor.name, data);
  }
  return grown;
}

const small = bertLayout({ layers: 2, hidden: 16, heads: 2, intermediate: 32 });
const large = bertLayout({ layers: 5, hidden: 24, heads: 3, intermediate: 48 });

describe("the published code", () => {
  it("is reproduced, tensor by tensor", async () => {
    const plan = createPlan(small, large);
    const source = readReference("small");
    const expected = readReference("grown");
    const recorded = readReference("operator");
    const operator = decodeOperator(plan, recorded.metadata, recorded.tensors);
    const stored = resolveTensors(small, source.tensors).tensors;
    const canonical = new Map(
      [...stored].map(([name, file]) => [name, { data: source.tensors.get(file)!.data }]),
    );

    const grown = await grow(plan, operator, canonical);

    const wanted = resolveTensors(large, expected.tensors).tensors;
    expect([...grown.keys()].toSorted()).toEqual([...wanted.keys()].toSorted());
    for (const [name, file] of wanted) {
      // Both sides round to float32, sums run in another order.
      expect(grown.get(name), name).toBeAllClose(expected.tensors.get(file)?.data, {
        absolute: 1e-6,
      });
    }
  });
});

describe("applyOperator", () => {
  it("grows to the same sizes bit for bit, negative zero and denormals included", async () => {
    const plan = createPlan(small, small);
    const sources = randomSources(plan, createRandom(5));
    sources.get("bert.embeddings.LayerNorm.weight")!.data.set([-0, 1e-45, -1e-40, 3.4e38]);
    const product = vi.fn(multiply);
    for (const operator of [
      ligoOperator(plan, createRandom(1), { depth: "stackbert" }),
      ligoOperator(plan, createRandom(1), { depth: "stackbert", form: "source-layer" }),
      stackOperator(plan),
    ]) {
      for await (const { tensor, data } of applyOperator(plan, operator, reader(sources), {
        multiply: product,
      })) {
        const source = sources.get(tensor.name)!.data;
        expect(new Uint32Array(data.buffer), tensor.name).toEqual(new Uint32Array(source.buffer));
        expect(data.buffer).not.toBe(source.buffer);
      }
    }
    expect(product).not.toHaveBeenCalled();
  });

  it("keeps the old block of [I; C] maps bit for bit", async () => {
    const plan = createPlan(small, large);
    const sources = randomSources(plan, createRandom(6));
    const grown = await grow(
      plan,
      ligoOperator(plan, createRandom(2), { depth: "stackbert" }),
      sources,
    );
    const name = "bert.encoder.layer.1.intermediate.dense.weight";
    const block = Array.from({ length: 32 }, (_, row) => [
      ...grown.get(name)!.subarray(row * 24, row * 24 + 16),
    ]).flat();
    expect(Float32Array.from(block)).toEqual(sources.get(name)!.data);
  });

  it("reads a source only where its weight is not zero", async () => {
    const plan = createPlan(small, large);
    const sources = randomSources(plan, createRandom(7));
    const read = vi.fn(reader(sources));
    const reads: string[][] = [];
    for await (const { tensor } of applyOperator(plan, stackOperator(plan), read)) {
      if (tensor.parameter.name.endsWith("self.query.weight")) {
        reads.push(read.mock.calls.map(([name]) => name));
      }
      read.mockClear();
    }
    const query = (layer: number) => `bert.encoder.layer.${layer}.attention.self.query.weight`;
    expect(reads).toEqual([0, 1, 0, 1, 0].map((layer) => [query(layer)]));
  });

  it("widens a source layer once for all target layers of a parameter", async () => {
    const plan = createPlan(small, large);
    const sources = randomSources(plan, createRandom(8));
    const operator = ligoOperator(plan, createRandom(2), { form: "source-layer", depth: "rand" });
    const read = vi.fn(reader(sources));
    const grown = new Map<string, Float32Array>();
    for await (const { tensor, data } of applyOperator(plan, operator, read)) {
      grown.set(tensor.name, data);
    }
    const name = "bert.encoder.layer.1.attention.self.key.weight";
    expect(read.mock.calls.filter(([called]) => called === name)).toHaveLength(1);
    expect(grown.size).toBe(plan.tensors.length);
  });

  it("agrees with a direct sum on random layouts: ranks 1 to 4, fused axes, both orders, two terms", async () => {
    const names = ["a", "b", "c"];
    const size = fc.integer({ min: 1, max: 4 });
    const space = fc.record({
      old: size,
      more: fc.integer({ min: 0, max: 3 }),
      scope: fc.constantFrom("model" as const, "layer" as const),
    });
    const axisText = fc
      .tuple(
        fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
        fc.constantFrom("out", "in", "elem"),
      )
      .map(([spaces, role]) => `${spaces.join("+")}:${role}`);
    const axes = fc.array(fc.oneof(axisText, fc.constant("f:fixed")), {
      minLength: 1,
      maxLength: 4,
    });
    const scenario = fc.record({
      spaces: fc.tuple(space, space, space),
      axes,
      layers: fc.tuple(size, fc.integer({ min: 0, max: 2 })),
      form: fc.constantFrom("target-layer" as const, "source-layer" as const, "model" as const),
      seed: fc.integer(),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ spaces, axes, layers: [l1, extra], form, seed }) => {
        const layout = (grown: boolean) =>
          tinyLayout(
            l1 + (grown ? extra : 0),
            {
              f: fixed(2),
              ...Object.fromEntries(
                spaces.map(({ old, more, scope }, index) => [
                  names[index]!,
                  growing(old + (grown ? more : 0), { scope }),
                ]),
              ),
            },
            [parameter("layer.{i}.w", axes)],
          );
        const plan = createPlan(layout(false), layout(true));
        const random = createRandom(seed);
        const start = ligoOperator(plan, random, { form, width: "function-preserving" });
        const dense = (terms: string) =>
          [...start.tensors].map(
            ([name, { rows, columns }]) =>
              [terms + name, randomMatrix(rows, columns, random)] as const,
          );
        const operator: Operator = {
          ...start,
          terms: 2,
          tensors: new Map([...dense(""), ...dense("term.1.")]),
        };
        const sources = randomSources(plan, random);
        for await (const { tensor, data } of applyOperator(plan, operator, reader(sources))) {
          const expected = directSum(plan, operator, tensor.layer!, axes, sources);
          expect([...data].length).toBe(elementCount(tensor.shape));
          // Products of up to four normals over up to 12 units an axis; relative to the largest entry.
          const largest = Math.max(...expected.map(Math.abs), 1);
          expect(data).toBeAllClose(expected, { absolute: 2e-5 * largest });
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("stops when the signal aborts", async () => {
    const plan = createPlan(small, large);
    const sources = randomSources(plan, createRandom(9));
    const controller = new AbortController();
    const grown = applyOperator(plan, stackOperator(plan), reader(sources), {
      signal: controller.signal,
    });
    await grown.next();
    controller.abort(new Error("enough"));
    await expect(grown.next()).rejects.toThrow("enough");
  });

  it("refuses an operator of another architecture or an impossible form", async () => {
    const plan = createPlan(small, large);
    const operator = stackOperator(plan);
    const first = (changes: Partial<Operator>) =>
      applyOperator(plan, { ...operator, ...changes }, reader(new Map())).next();
    await expect(first({ architecture: "gpt2" })).rejects.toMatchObject({
      code: "operator/architecture",
      expected: "bert",
      actual: "gpt2",
    });
    await expect(first({ widthScope: "source-layer" })).rejects.toMatchObject({
      code: "operator/form",
      expected: "width-then-depth",
    });
  });
});

/** The general form, term by term and index by index, in float64 and with none of the code under test. */
function directSum(
  plan: Plan,
  operator: Operator,
  layer: number,
  axes: readonly string[],
  sources: ReadonlyMap<string, { readonly data: Float32Array }>,
): number[] {
  let total: number[] = [];
  for (const prefix of ["", "term.1."]) {
    const depth = operator.tensors.get(`${prefix}depth.layer.{i}.w`)!;
    for (let j = 0; j < depth.columns; j++) {
      let values = [...sources.get(`layer.${j}.w`)!.data];
      let shape = [...plan.tensors[0]!.sourceShape];
      for (const [index, text] of axes.entries()) {
        const map = denseAxis(
          plan,
          operator,
          prefix,
          text,
          operator.order === "width-then-depth" ? j : layer,
        );
        const inner = elementCount(shape.slice(index + 1));
        const outer = elementCount(shape.slice(0, index));
        const next: number[] = [];
        for (let o = 0; o < outer; o++) {
          for (const row of map) {
            for (let i = 0; i < inner; i++) {
              next.push(
                row.reduce(
                  (sum, weight, k) => sum + weight * values[(o * row.length + k) * inner + i]!,
                  0,
                ),
              );
            }
          }
        }
        values = next;
        shape = shape.with(index, map.length);
      }
      const weight = depth.data[layer * depth.columns + j]!;
      total = values.map((value, index) => (total[index] ?? 0) + weight * value);
    }
  }
  return total;
}

/** The block-diagonal matrix of a whole axis. */
function denseAxis(
  plan: Plan,
  operator: Operator,
  prefix: string,
  text: string,
  layer: number,
): number[][] {
  const [spaces = "", role] = text.split(":");
  if (role === "fixed")
    return [
      [1, 0],
      [0, 1],
    ];
  const blocks = spaces.split("+").map((space) => {
    const scope = plan.target.spaces[space]!.scope;
    const suffix = scope === "layer" && operator.widthScope !== "model" ? `.${layer}` : "";
    const read = operator.tensors.get(`${prefix}read.${space}${suffix}`);
    const width = operator.tensors.get(`${prefix}width.${space}${suffix}`)!;
    return role === "in" && read !== undefined ? read : width;
  });
  const columns = blocks.reduce((sum, block) => sum + block.columns, 0);
  let start = 0;
  return blocks.flatMap((block) => {
    const rows = Array.from({ length: block.rows }, (_, row) => {
      const entries = Array.from({ length: columns }, () => 0);
      for (let c = 0; c < block.columns; c++)
        entries[start + c] = block.data[row * block.columns + c]!;
      return entries;
    });
    start += block.columns;
    return rows;
  });
}

describe("createGrower", () => {
  /** Reads as a file does: always into the given memory, from any number on. */
  const copying =
    (sources: ReadonlyMap<string, { readonly data: Float32Array }>) =>
    async (name: string, into: Float32Array, start: number): Promise<Float32Array> => {
      into.set(sources.get(name)!.data.subarray(start, start + into.length));
      return into;
    };

  /** The same operator, its numbers read one tensor at a time. */
  const stored = ({ tensors, ...header }: Operator, reads: string[] = []): StoredOperator => ({
    ...header,
    tensors,
    async read(name, into, start) {
      if (start === 0) reads.push(name);
      into.set(tensors.get(name)!.data.subarray(start, start + into.length));
    },
    check(name, numbers, start) {
      checkOperatorNumbers(name, tensors.get(name)!, numbers, start);
    },
  });

  it.each(["target-layer", "source-layer", "model"] as const)(
    "makes any tensor in any order, %s maps in memory or stored, memory used again",
    async (form) => {
      const plan = createPlan(small, large);
      const sources = randomSources(plan, createRandom(10));
      const operator = ligoOperator(plan, createRandom(3), { form, depth: "rand" });
      const expected = await grow(plan, operator, sources);
      const names = [...expected.keys()].toReversed();
      for (const numbers of [operator, stored(operator)]) {
        const grower = createGrower(plan, numbers, copying(sources));
        const largest = Math.max(...[...expected.values()].map(({ length }) => length));
        const memory = new Float32Array(largest);
        for (const name of names) {
          const into = memory.subarray(0, expected.get(name)!.length).fill(Number.NaN);
          expect(await grower.grow(name, into), name).toBe(into);
          expect(into, name).toEqual(expected.get(name));
        }
        // Calls that overlap are done one after the other.
        const together = await Promise.all(names.map((name) => grower.grow(name)));
        expect(new Map(names.map((name, index) => [name, together[index]!]))).toEqual(
          new Map(names.map((name) => [name, expected.get(name)!])),
        );
      }
    },
  );

  it("reads each map of a layer, and each source layer, once", async () => {
    const plan = createPlan(small, large);
    const sources = randomSources(plan, createRandom(10));
    const maps: string[] = [];
    const operator = stored(ligoOperator(plan, createRandom(3), { depth: "rand" }), maps);
    const read = vi.fn(copying(sources));
    const grower = createGrower(plan, operator, read);
    for (const { name } of plan.tensors) await grower.grow(name);
    expect(maps.toSorted()).toEqual([...operator.tensors.keys()].toSorted());
    const layered = read.mock.calls.map(([name]) => name).filter((name) => name.includes("layer."));
    expect(layered.toSorted()).toEqual([...new Set(layered)].toSorted());
  });

  it("mixes source layers in memory in blocks, and kept ones at once, to the same numbers", async () => {
    const layout = (layers: number, width: number) =>
      tinyLayout(layers, { f: fixed(250), a: growing(width) }, [
        parameter("layer.{i}.w", ["a:out", "f:fixed"]),
      ]);
    // More numbers than a block has.
    const plan = createPlan(layout(3, 301), layout(4, 305));
    const operator = ligoOperator(plan, createRandom(3), { depth: "rand" });
    const sources = randomSources(plan, createRandom(10));
    const expected = await grow(plan, operator, sources);
    const grower = createGrower(plan, operator, copying(sources));
    for (const [name, numbers] of expected) expect(await grower.grow(name)).toEqual(numbers);
    const cut = createGrower(plan, operator, async (name, _, start) =>
      sources.get(name)!.data.subarray(start, start + 9),
    );
    await expect(cut.grow("layer.0.w")).rejects.toMatchObject({ code: "operator/source-size" });
  });

  it("reads large maps in blocks of rows, whatever their rows are", async () => {
    const [old, size] = [600, 2000];
    const layout = (width: number) =>
      tinyLayout(1, { f: fixed(3), a: growing(width) }, [parameter("w", ["a:out", "f:fixed"])]);
    const plan = createPlan(layout(old), layout(size));
    const map = randomMatrix(size, old, createRandom(6));
    // Copied, scaled, zero and dense rows, in runs that end within a block and beyond.
    for (let row = 0; row < size; row++) {
      if (row > 400 && row < 600) continue;
      const kind = Math.floor(row / 7) % 4;
      if (kind === 3) continue;
      map.data.fill(0, row * old, (row + 1) * old);
      if (kind < 2) map.data[row * old + (row % old)] = 1 + kind;
    }
    const start = ligoOperator(plan, createRandom(3));
    const operator = { ...start, tensors: new Map(start.tensors).set("width.a", map) };
    const sources = randomSources(plan, createRandom(10));
    const grower = createGrower(plan, stored(operator), copying(sources));
    expect(await grower.grow("w")).toEqual((await grow(plan, operator, sources)).get("w"));

    let reads = 0;
    const numbers = stored(operator);
    const failing = createGrower(
      plan,
      {
        ...numbers,
        async read(name, into, from) {
          if (name === "width.a" && reads++ === 1) throw new Error("a block");
          await numbers.read(name, into, from);
        },
      },
      copying(sources),
    );
    await expect(failing.grow("w")).rejects.toThrow("a block");
    expect(await failing.grow("w")).toEqual(await grower.grow("w"));
  });

  it.each([
    ["alone in a small row", 3, 5, 2, true],
    ["in a dense row", 4, 5, 2, false],
    ["alone in a row of a later block", 600, 2000, 1990, true],
    ["in a dense row of a later block", 600, 2000, 1990, false],
  ])("refuses a number of a map that is not finite, %s", async (_, old, size, row, alone) => {
    const layout = (width: number) =>
      tinyLayout(1, { a: growing(width) }, [parameter("w", ["a:out"])]);
    const plan = createPlan(layout(old), layout(size));
    const map = randomMatrix(size, old, createRandom(6));
    if (alone) map.data.fill(0, row * old, (row + 1) * old);
    map.data[row * old + 1] = -Infinity;
    const start = ligoOperator(plan, createRandom(3));
    const operator = { ...start, tensors: new Map(start.tensors).set("width.a", map) };
    const sources = randomSources(plan, createRandom(10));
    // With a product of the caller's, that is a quick test as well.
    for (const options of [{}, { multiply }]) {
      const grower = createGrower(plan, stored(operator), copying(sources), options);
      await expect(grower.grow("w")).rejects.toMatchObject({
        code: "operator/not-finite",
        message: expect.stringContaining(`[${row}, 1]`) as string,
      });
    }
  });

  it("reads what the next tensor needs meanwhile; what fails then is read again", async () => {
    const plan = createPlan(small, large);
    const sources = randomSources(plan, createRandom(10));
    const operator = ligoOperator(plan, createRandom(3), { depth: "rand" });
    const expected = await grow(plan, operator, sources);
    const maps: string[] = [];
    const numbers = stored(operator, maps);
    let failures = 1;
    const read = vi.fn(copying(sources));
    const grower = createGrower(
      plan,
      {
        ...numbers,
        async read(name, into, start) {
          if (name === "width.mlp.0" && failures-- > 0) throw new Error("a map");
          await numbers.read(name, into, start);
        },
      },
      read,
    );
    const key = "bert.encoder.layer.0.attention.self.key.weight";
    const query = "bert.encoder.layer.0.attention.self.query.weight";
    const inner = "bert.encoder.layer.0.intermediate.dense.weight";
    const settled = () => new Promise((resolve) => setImmediate(resolve));

    expect(await grower.grow(key, undefined, undefined, query)).toEqual(expected.get(key));
    await settled();
    const ofQuery = () =>
      [...maps, ...read.mock.calls.map(([name]) => name)].filter((name) => name.includes("query"));
    const before = ofQuery();
    expect(before).toContain("width.query.0");
    // weights and biases of both layers
    expect(before.filter((name) => name.startsWith("bert."))).toHaveLength(4);
    expect(await grower.grow(query, undefined, undefined, inner)).toEqual(expected.get(query));
    expect(ofQuery()).toEqual(before);

    await settled();
    expect(failures).toBe(0);
    expect(await grower.grow(inner)).toEqual(expected.get(inner));
    expect(maps.filter((name) => name === "width.mlp.0")).toHaveLength(1);
  });

  it("grows a tensor whose rows stay in parts, bit for bit", async () => {
    const plan = createPlan(small, large);
    const sources = randomSources(plan, createRandom(11));
    const operator = ligoOperator(plan, createRandom(4), { depth: "rand" });
    const expected = await grow(plan, operator, sources);
    const grower = createGrower(plan, operator, copying(sources));
    const words = "bert.embeddings.word_embeddings.weight";
    const parts = grower.parts(words, 100);
    expect(parts.slice(0, 2)).toEqual([
      { begin: 0, end: 4 },
      { begin: 4, end: 8 },
    ]);
    const numbers: number[] = [];
    for (const part of parts) numbers.push(...(await grower.grow(words, undefined, part)));
    expect(Float32Array.from(numbers)).toEqual(expected.get(words));

    // Layers that were read whole, and kept, do not stand in the way of their parts.
    const stacked = (layers: number, width: number) =>
      tinyLayout(layers, { f: fixed(6), a: growing(width) }, [
        parameter("layer.{i}.w", ["f:fixed", "a:in"]),
      ]);
    const tall = createPlan(stacked(2, 2), stacked(3, 4));
    const mixing = ligoOperator(tall, createRandom(5), { depth: "rand" });
    const layers = randomSources(tall, createRandom(12));
    const again = createGrower(tall, mixing, copying(layers));
    const whole = await again.grow("layer.2.w");
    const pieces: number[] = [];
    for (const part of again.parts("layer.2.w", 8))
      pieces.push(...(await again.grow("layer.2.w", undefined, part)));
    expect(again.parts("layer.2.w", 8)).toHaveLength(3);
    expect(Float32Array.from(pieces)).toEqual(whole);

    const query = "bert.encoder.layer.1.attention.self.query.weight";
    expect(grower.parts(query, 100)).toEqual([{ begin: 0, end: 24 }]);
    expect(() => grower.parts("no.such", 100)).toThrow("no.such");
    await expect(grower.grow(words, new Float32Array(5))).rejects.toThrow("the array for it 5");
    // What failed does not stand in the way of what follows.
    expect(await grower.grow(query)).toEqual(expected.get(query));
  });
});
