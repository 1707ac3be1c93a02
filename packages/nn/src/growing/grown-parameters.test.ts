import { multiply, type Matrix } from "@ligo/core";
import type { WeightStorage } from "@ligo/core/layout";
import { materialise, type Expression } from "@ligo/core/operator";
import * as tf from "@ligo/tfjs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  growthGivens,
  growthParameters,
  randomGrowth,
  type Growth,
  type GrowthOptions,
} from "../__fixtures__/growth.js";
import {
  engines,
  evaluate,
  floats,
  integers,
  normal,
  sizeOf,
  type Given,
  type Tensors,
} from "../__fixtures__/programs.js";
import {
  asTensor,
  conv1d,
  dense,
  embedding,
  type ContractionPolicy,
  type LazyParameter,
} from "../index.js";

/** float32 sums of a few hundred normal products, in another order. */
const TOLERANCE = { absolute: 2e-5, relative: 2e-5 };

const ORDERS: readonly ContractionPolicy[] = [
  "materialise",
  "planned",
  "input-first",
  "output-last",
  "factored",
];

/** What core makes of one grown tensor: the independent answer. */
const expected = async (growth: Growth, expression: Expression): Promise<Float32Array> =>
  materialise(expression, { tensors: growth.operator }, growth.sources);

const first = (growth: Growth): Expression => growth.expressions[0] as Expression;

const form = fc.oneof(
  fc.record({ scope: fc.constant("target-layer" as const) }),
  fc.record({ scope: fc.constant("source-layer" as const) }),
  fc.record({
    scope: fc.constant("model" as const),
    order: fc.constantFrom("depth-then-width" as const, "width-then-depth" as const),
  }),
);
const layers = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }));
const anyGrowth: fc.Arbitrary<Growth> = fc
  .tuple(
    form,
    fc.record(
      {
        seed: fc.nat(),
        rank: fc.integer({ min: 1, max: 4 }),
        terms: fc.integer({ min: 1, max: 3 }),
        layers,
      },
      { requiredKeys: ["seed", "rank", "terms"] },
    ),
  )
  .map(([shape, rest]) => randomGrowth({ ...shape, ...rest }));

/** Weights that products can be reordered around, of one term and with one space per axis, and others. */
const weightGrowth: fc.Arbitrary<Growth> = fc
  .tuple(
    form,
    fc.record(
      {
        seed: fc.nat(),
        terms: fc.constantFrom(1, 1, 1, 2),
        layers,
        segments: fc.constantFrom(
          () => 1,
          (axis: number) => (axis === 0 ? 3 : 1),
          (axis: number) => (axis === 1 ? 2 : 1),
        ),
        kind: fc.constantFrom("block" as const, "full" as const),
      },
      { requiredKeys: ["seed", "terms", "segments"] },
    ),
  )
  .map(([shape, rest]) => randomGrowth({ rank: 2, ...shape, ...rest }));

describe.each(engines)("grown parameters on the %s engine", (_name, engine) => {
  it("materialise to what core makes, in all forms", async () => {
    await fc.assert(
      fc.asyncProperty(anyGrowth, async (growth) => {
        const grown = await evaluate(engine, growthGivens(growth), (tensors) => {
          const parameters = growthParameters(growth, tensors);
          return Object.fromEntries(
            growth.expressions.map(({ name }) => [name, asTensor(parameters.get(name))]),
          );
        });
        for (const expression of growth.expressions) {
          expect(grown[expression.name], expression.name).toBeAllClose(
            await expected(growth, expression),
            TOLERANCE,
          );
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("materialise with the gradients that core's numbers have", async () => {
    await fc.assert(
      fc.asyncProperty(anyGrowth, async (growth) => {
        const givens = growthGivens(growth);
        const weights = growth.expressions.map(({ shape }, layer) => normal(shape, 7 + layer));
        const fixed = Object.fromEntries(
          weights.map((given, layer) => [`weights ${layer}`, given]),
        );
        const actual = await withGradients(engine, givens, fixed, (tensors) => {
          const parameters = growthParameters(growth, tensors);
          const parts = growth.expressions.map(({ name }, layer) =>
            asTensor(parameters.get(name))
              .mul(tensors[`weights ${layer}`] as tf.Tensor)
              .sum(),
          );
          return { outputs: {}, loss: tf.addN(parts) };
        });
        // The loss is linear in every single number, so a difference over any step is its slope.
        const loss = async (changed: Growth): Promise<number> => {
          let sum = 0;
          for (const [layer, expression] of changed.expressions.entries()) {
            const tensor = await expected(changed, expression);
            tensor.forEach((value, i) => (sum += value * (weights[layer]?.data[i] as number)));
          }
          return sum;
        };
        for (const name of Object.keys(givens)) {
          const gradient = actual[`gradient/${name}`] ?? new Float32Array();
          const index = growth.operator.size % gradient.length;
          const slope =
            ((await loss(nudged(growth, name, index, 1))) -
              (await loss(nudged(growth, name, index, -1)))) /
            2;
          expect(gradient[index], `${name}, ${index}`).toBeAllClose(slope, {
            absolute: 2e-4,
            relative: 2e-4,
          });
        }
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it.each(["out-in", "in-out"] as const)(
    "multiply to x W'^T + b in every order, with equal gradients: weights stored %s",
    async (storage) => {
      await fc.assert(
        fc.asyncProperty(
          weightGrowth,
          fc.integer({ min: 1, max: 6 }),
          fc.boolean(),
          async (growth, tokens, biased) => {
            const { shape } = first(growth);
            const [out, inner] = (storage === "out-in" ? shape : shape.toReversed()) as [
              number,
              number,
            ];
            const x = normal([tokens, inner], 5);
            const bias = normal([out], 6);
            const weights = growth.expressions.map((_, layer) => normal([tokens, out], 7 + layer));
            const results = [];
            for (const order of ORDERS) {
              results.push(
                await productsAndGradients(
                  engine,
                  growth,
                  order,
                  x,
                  biased ? bias : undefined,
                  weights,
                  storage,
                ),
              );
            }

            const [plain] = results as [(typeof results)[number]];
            for (const [layer, expression] of growth.expressions.entries()) {
              const [rows, columns] = expression.shape as [number, number];
              const product = await multiply(
                { rows: tokens, columns: inner, data: x.data as Float32Array },
                { rows, columns, data: await expected(growth, expression) },
                { transposeB: storage === "out-in" },
              );
              const wanted = product.data.map(
                (value, i) => value + (biased ? (bias.data[i % out] as number) : 0),
              );
              expect(plain[`product ${layer}`]).toBeAllClose(wanted, TOLERANCE);
            }
            for (const [index, result] of results.entries()) {
              expect(Object.keys(result)).toEqual(Object.keys(plain));
              for (const [name, numbers] of Object.entries(plain)) {
                // Gradients sum over tokens and layers as well.
                expect(result[name], `${name}, ${ORDERS[index]}`).toBeAllClose(numbers, {
                  absolute: 2e-4,
                  relative: 2e-4,
                });
              }
            }
          },
        ),
        { numRuns: 25, seed: 1 },
      );
    },
  );

  it.each(["out-in", "in-out"] as const)(
    "add what starts afresh to products and rows in every order: weights stored %s",
    async (storage) => {
      await fc.assert(
        fc.asyncProperty(weightGrowth, async (growth) => {
          const { shape } = first(growth);
          const [rows, columns] = shape as [number, number];
          const inner = storage === "out-in" ? columns : rows;
          const [x, ids] = [normal([4, inner], 5), integers([2], [rows - 1, 0])];
          const parts = growth.expressions.map((_, layer) => normal(shape, 7 + layer));
          const freshes = Object.fromEntries(
            growth.expressions.map(({ name }, layer) => [`fresh ${name}`, parts[layer] as Given]),
          );
          for (const order of ORDERS) {
            const results = await evaluate(
              engine,
              { ...growthGivens(growth), ...freshes, x, ids },
              (tensors) => {
                const fresh = (name: string): tf.Tensor | undefined => tensors[`fresh ${name}`];
                const parameters = growthParameters(growth, tensors, order, fresh);
                const by = storage === "out-in" ? dense : conv1d;
                return Object.fromEntries(
                  growth.expressions.flatMap(({ name }) => [
                    [`x ${name}`, by(tensors["x"] as tf.Tensor2D, parameters.get(name))],
                    [
                      `rows ${name}`,
                      embedding(tensors["ids"] as tf.Tensor1D, parameters.get(name)),
                    ],
                  ]),
                );
              },
            );
            for (const [layer, expression] of growth.expressions.entries()) {
              const whole = (await expected(growth, expression)).map(
                (value, index) => value + (parts[layer]?.data[index] as number),
              );
              const product = await multiply(
                { rows: 4, columns: inner, data: x.data as Float32Array },
                { rows, columns, data: whole },
                { transposeB: storage === "out-in" },
              );
              const place = `${expression.name}, ${order}`;
              expect(results[`x ${expression.name}`], place).toBeAllClose(product.data, TOLERANCE);
              const picked = [
                ...whole.subarray((rows - 1) * columns),
                ...whole.subarray(0, columns),
              ];
              expect(results[`rows ${expression.name}`], place).toBeAllClose(picked, TOLERANCE);
            }
          }
        }),
        { numRuns: 10, seed: 1 },
      );
    },
  );

  it("pick the rows of the materialised table, with equal gradients", async () => {
    const table = fc.record(
      {
        seed: fc.nat(),
        layers,
        grows: fc.constantFrom(
          (axis: number) => axis === 1,
          (axis: number) => axis === 1,
          () => true,
          () => false,
        ),
      },
      { requiredKeys: ["seed", "grows"] },
    );
    await fc.assert(
      fc.asyncProperty(
        table,
        form,
        fc.constantFrom(false, false, true),
        async (options, shape, fused) => {
          const growth = randomGrowth({
            ...shape,
            ...options,
            rank: 2,
            terms: 1,
            segments: () => (fused ? 2 : 1),
          });
          const [entries, n] = first(growth).shape as [number, number];
          const ids = integers([5], [0, entries - 1, 0, Math.floor(entries / 2), entries - 1]);
          const weights = normal([5, n], 8);
          const [built, planned] = [
            await rowsAndGradients(engine, growth, "materialise", ids, weights),
            await rowsAndGradients(engine, growth, "planned", ids, weights),
          ];
          const data = await expected(growth, first(growth));
          const wanted = [...ids.data].flatMap((id) => [...data.subarray(id * n, (id + 1) * n)]);
          expect(built["rows"]).toBeAllClose(wanted, TOLERANCE);
          for (const [name, numbers] of Object.entries(built)) {
            expect(planned[name], name).toBeAllClose(numbers, { absolute: 1e-4, relative: 1e-4 });
          }
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });
});

/** The growth with one number of what a step may learn changed. */
function nudged(growth: Growth, name: string, index: number, change: number): Growth {
  const { operator, sources, kinds } = growth;
  if (name === "source") {
    const [{ length }] = sources as [Float32Array];
    const layer = Math.floor(index / length);
    const changed = sources.map((data, j) =>
      j === layer ? data.with(index % length, (data[index % length] as number) + change) : data,
    );
    return { ...growth, sources: changed };
  }
  const matrix = operator.get(name) as Matrix;
  const at = index + (kinds.get(name) === "block" ? matrix.columns ** 2 : 0);
  const data = matrix.data.with(at, (matrix.data[at] as number) + change);
  return { ...growth, operator: new Map(operator).set(name, { ...matrix, data }) };
}

type Results = Awaited<ReturnType<typeof evaluate>>;

/** Products of one x with every layer's weight, and the gradients of their weighted sum. */
async function productsAndGradients(
  engine: (typeof engines)[number][1],
  growth: Growth,
  order: ContractionPolicy,
  x: Given,
  bias: Given | undefined,
  weights: readonly Given[],
  storage: WeightStorage,
): Promise<Results> {
  const product = storage === "out-in" ? dense : conv1d;
  const learnable = { ...growthGivens(growth), x, ...(bias ? { bias } : {}) };
  const fixed = Object.fromEntries(weights.map((given, layer) => [`weights ${layer}`, given]));
  const products = (tensors: Tensors): tf.Tensor[] => {
    const parameters = growthParameters(growth, tensors, order);
    const readers = growth.expressions.length;
    return growth.expressions.map(({ name }) =>
      product(tensors["x"] as tf.Tensor2D, parameters.get(name), tensors["bias"], readers),
    );
  };
  return withGradients(engine, learnable, fixed, (tensors) => {
    const all = products(tensors);
    const outputs = Object.fromEntries(all.map((product, layer) => [`product ${layer}`, product]));
    const parts = all.map((product, layer) =>
      product.mul(tensors[`weights ${layer}`] as tf.Tensor).sum(),
    );
    return { outputs, loss: tf.addN(parts) };
  });
}

async function rowsAndGradients(
  engine: (typeof engines)[number][1],
  growth: Growth,
  order: ContractionPolicy,
  ids: Given,
  weights: Given,
): Promise<Results> {
  return withGradients(engine, growthGivens(growth), { ids, weights }, (tensors) => {
    const parameters = growthParameters(growth, tensors, order);
    const rows = embedding(tensors["ids"] as tf.Tensor1D, parameters.get(first(growth).name));
    return { outputs: { rows }, loss: rows.mul(tensors["weights"] as tf.Tensor).sum() };
  });
}

/** Outputs, and the gradients of the loss with respect to everything learnable. */
async function withGradients(
  engine: (typeof engines)[number][1],
  learnable: Readonly<Record<string, Given>>,
  fixed: Readonly<Record<string, Given>>,
  build: (tensors: Tensors) => { outputs: Tensors; loss: tf.Tensor },
): Promise<Results> {
  const names = Object.keys(learnable);
  return evaluate(engine, { ...learnable, ...fixed }, (tensors) => {
    const current = (values: readonly tf.Tensor[]): Tensors => ({
      ...tensors,
      ...Object.fromEntries(names.map((name, i) => [name, values[i] as tf.Tensor])),
    });
    // Adding nothing of a tensor that the loss does not depend on gives it a gradient of zero.
    const loss = (...values: tf.Tensor[]): tf.Scalar =>
      tf.addN([
        build(current(values)).loss,
        ...values.map((value) => value.sum().mul(0)),
      ]) as tf.Scalar;
    const gradients = tf.grads(loss)(names.map((name) => tensors[name] as tf.Tensor));
    const named = names.map((name, i) => [`gradient/${name}`, gradients[i] as tf.Tensor] as const);
    return { ...build(tensors).outputs, ...Object.fromEntries(named) };
  });
}

describe("grown parameters", () => {
  const options: GrowthOptions = {
    seed: 1,
    rank: 2,
    scope: "model",
    terms: 1,
    layers: [2, 3],
    segments: () => 1,
    grows: () => true,
    kind: "block",
    plain: true,
  };
  const growth = randomGrowth(options);
  const [, reference] = engines[1]!;

  it("know their names and shapes without any tensor being made", async () => {
    await evaluate(reference, growthGivens(growth), (tensors) => {
      const parameters = growthParameters(growth, tensors);
      expect(parameters.has("p.2")).toBe(true);
      expect(parameters.has("p.3")).toBe(false);
      expect(() => parameters.get("p.3")).toThrow(/p\.3/);
      const before = tf.memory().numTensors;
      const lazy = parameters.get("p.0") as LazyParameter;
      expect(lazy).toMatchObject({ kind: "lazy", shape: first(growth).shape });
      expect(tf.memory().numTensors).toBe(before);
      expect(parameters.get("p.0")).toBe(lazy);
      expect(lazy.materialise()).toBe(lazy.materialise());
      return {};
    });
  });

  it("share one product between weights that read the same x", async () => {
    const { expressions, sources } = growth;
    const [, inner] = first(growth).shape as [number, number];
    const compile = async (count: number): Promise<number> => {
      const givens = { ...growthGivens(growth), x: normal([9, inner], 1) };
      const specs = Object.fromEntries(
        Object.entries(givens).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
      );
      const compiled = await engines[0]![1].compile(
        {
          state: {},
          frozen: {},
          inputs: specs,
          build: ({ inputs }) => {
            const parameters = growthParameters(growth, inputs, "factored");
            const some = expressions.slice(0, count);
            return {
              outputs: Object.fromEntries(
                some.map(({ name }) => [
                  name,
                  dense(inputs["x"] as tf.Tensor2D, parameters.get(name)),
                ]),
              ),
            };
          },
        },
        { state: {}, frozen: {} },
      );
      await compiled.dispose();
      return compiled.info.matrixFlops;
    };
    const [oldOut, oldIn] = first(growth).sourceShape as [number, number];
    const [newOut, newIn] = first(growth).shape as [number, number];
    // [I; C] maps: only the added part of x and of the output is multiplied. Depth is mixed for all layers at once.
    const mixing = expressions.length * sources.length * sizeOf([oldOut, oldIn]);
    const reducing = 9 * (newIn - oldIn) * oldIn;
    const each = 9 * oldIn * oldOut + 9 * oldOut * (newOut - oldOut);
    expect(await compile(1)).toBe(2 * (mixing + reducing + each));
    expect(await compile(3)).toBe(2 * (mixing + reducing + 3 * each));
  });

  it("with an identity map are the source", async () => {
    const data = floats([2, 2], [1, 2, 3, 4]);
    const same = [{ oldSize: 2, newSize: 2, map: "width.same" }];
    const expression: Expression = {
      name: "p",
      parameter: "p",
      shape: [2, 2],
      sourceShape: [2, 2],
      sources: ["p"],
      order: "depth-then-width",
      terms: [{ axes: [same, same] }],
    };
    const identity: Growth = {
      expressions: [expression],
      operator: new Map([
        ["width.same", { rows: 2, columns: 2, data: Float32Array.of(1, 0, 0, 1) }],
      ]),
      kinds: new Map([["width.same", "identity"]]),
      sources: [data.data as Float32Array],
    };
    const x = floats([1, 2], [5, 6]);
    for (const order of ORDERS) {
      const { whole, product } = await evaluate(reference, { source: data, x }, (tensors) => {
        const parameters = growthParameters(identity, tensors, order);
        return {
          whole: asTensor(parameters.get("p")),
          product: dense(tensors["x"] as tf.Tensor2D, parameters.get("p")),
        };
      });
      expect([whole, product]).toEqual([data.data, Float32Array.of(17, 39)]);
    }
  });
});
