import type { TransformerLayerNames } from "@ligo/core/layout";
import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import {
  engines,
  evaluate,
  evaluateWithGradients,
  floats,
  normal,
  type Givens,
  type Tensors,
} from "../__fixtures__/programs.js";
import {
  attention,
  causalMask,
  dropout,
  postNormLayer,
  preNormLayer,
  tensorParameters,
  withDropout,
  type DropoutMasks,
  type Parameters,
} from "../index.js";

/** Masks that drop every third element, another third for every mask. */
function thirds(drawn: number[] = [], rate?: number): DropoutMasks {
  return {
    rate,
    keep(shape, chance) {
      const place = drawn.push(chance);
      const size = shape.reduce((product, length) => product * length, 1);
      const mask = Uint8Array.from({ length: size }, (_, i) => Number((i + place) % 3 > 0));
      return tf.tensor(mask, [...shape], "bool");
    },
  };
}

const none = tensorParameters({});

describe.each(engines)("dropout on the %s engine", (_name, engine) => {
  it("drops and scales, forward and backward", async () => {
    const givens: Givens = {
      x: floats([2, 3], [1, 2, 3, 4, 5, 6]),
      weights: floats([2, 3], [1, 10, 100, 1000, 1e4, 1e5]),
    };
    const { value, "gradient/x": gradient } = await evaluateWithGradients(engine, givens, ({ x }) =>
      dropout(withDropout(none, thirds()), x as tf.Tensor2D, 0.2),
    );
    // 1 / (1 - 0.2); evaluateWithGradients runs the block twice, with masks of its own
    expect(value).toBeAllClose([1.25, 2.5, 0, 5, 6.25, 0]);
    expect(gradient).toBeAllClose([1.25, 12.5, 0, 1250, 12_500, 0]);
  });

  it("is nothing without masks and at a rate of 0; one rate may replace all", async () => {
    const rates: number[] = [];
    const outputs = await evaluate(engine, { x: normal([2, 3], 1) }, ({ x }) => {
      const drop = (p: Parameters, rate: number): tf.Tensor => dropout(p, x as tf.Tensor, rate);
      expect(drop(none, 0.5)).toBe(x);
      expect(drop(withDropout(none, undefined), 0.5)).toBe(x);
      expect(drop(withDropout(none, thirds()), 0)).toBe(x);
      expect(drop(withDropout(none, thirds([], 0)), 0.5)).toBe(x);
      return { dropped: drop(withDropout(none, thirds(rates, 0.75)), 0) };
    });
    expect(rates).toEqual([0.75]);
    expect(outputs["dropped"]).toHaveLength(6);
  });

  it("drops attention weights with the gradients of the same thing written out", async () => {
    const [batch, sequence, heads, width] = [2, 3, 2, 4];
    const shape = [batch * sequence, width];
    const givens: Givens = {
      q: normal(shape, 1),
      k: normal(shape, 2),
      v: normal(shape, 3),
      weights: normal(shape, 4),
    };
    const scores = [batch, heads, sequence, sequence];
    const written = ({ q, k, v }: Tensors): tf.Tensor => {
      const split = (x: tf.Tensor | undefined): tf.Tensor =>
        (x as tf.Tensor).reshape([batch, sequence, heads, width / heads]).transpose([0, 2, 1, 3]);
      const weights = tf.softmax(
        tf
          .matMul(split(q), split(k), false, true)
          .mul(Math.sqrt(heads / width))
          .add(causalMask(sequence)),
      );
      const kept = weights.mul(thirds().keep(scores, 0.4).toFloat()).div(0.6);
      return tf.matMul(kept, split(v)).transpose([0, 2, 1, 3]).reshape(shape);
    };
    const expected = await evaluateWithGradients(engine, givens, written);
    const actual = await evaluateWithGradients(engine, givens, ({ q, k, v }) =>
      attention(
        q as tf.Tensor2D,
        k as tf.Tensor2D,
        v as tf.Tensor2D,
        { batch, sequence, heads },
        causalMask(sequence),
        { mask: thirds().keep(scores, 0.4), scale: 1 / 0.6 },
      ),
    );
    for (const [name, numbers] of Object.entries(expected))
      // float32 sums in another order
      expect(actual[name], name).toBeAllClose(numbers, { absolute: 2e-6, relative: 1e-5 });
  });
});

const names: TransformerLayerNames = {
  queryKeyValue: ["h.{i}.q", "h.{i}.k", "h.{i}.v"],
  attentionOutput: "h.{i}.o",
  attentionNorm: "h.{i}.n1",
  mlpInput: "h.{i}.m1",
  mlpOutput: "h.{i}.m2",
  mlpNorm: "h.{i}.n2",
};
const [batch, sequence, heads, N, M] = [2, 3, 2, 4, 6];
const sizes: Readonly<Record<string, readonly number[]>> = {
  "h.0.q.weight": [N, N],
  "h.0.k.weight": [N, N],
  "h.0.v.weight": [N, N],
  "h.0.o.weight": [N, N],
  "h.0.o.bias": [N],
  "h.0.n1.weight": [N],
  "h.0.n1.bias": [N],
  "h.0.m1.weight": [M, N],
  "h.0.m2.weight": [N, M],
  "h.0.n2.weight": [N],
  "h.0.n2.bias": [N],
  x: [batch * sequence, N],
};

describe.each([
  ["pre", preNormLayer],
  ["post", postNormLayer],
] as const)("a %s-norm layer with dropout", (_kind, layer) => {
  const [[, engine]] = engines as [(typeof engines)[number]];
  const run = (tensors: Tensors, drawn: number[]): tf.Tensor2D =>
    layer(
      withDropout(tensorParameters(tensors), thirds(drawn)),
      0,
      tensors["x"] as tf.Tensor2D,
      {
        names,
        heads,
        epsilon: 1e-5,
        activation: (x) => tf.tanh(x),
        dropout: { attention: 0.2, branch: 0.4 },
      },
      { batch, sequence },
    );

  it("draws a mask for attention weights and one for each branch", async () => {
    const drawn: number[] = [];
    const givens = Object.fromEntries(
      Object.entries(sizes).map(([name, shape], seed) => [name, normal(shape, seed)]),
    );
    await evaluate(engine, givens, (tensors) => ({ value: run(tensors, drawn) }));
    expect(drawn).toEqual([0.2, 0.4, 0.4]);
  });

  it("has the gradients of finite differences", async () => {
    const givens: Givens = Object.fromEntries(
      Object.entries({ ...sizes, weights: sizes["x"] as readonly number[] }).map(
        ([name, shape], seed) => [name, normal(shape, seed, 0.5)],
      ),
    );
    const found = await evaluateWithGradients(engine, givens, (tensors) => run(tensors, []));
    // along one random direction of all tensors at once, in float32: the step is as coarse as that asks for
    const step = 2e-3;
    const direction = Object.fromEntries(
      Object.entries(sizes).map(([name, shape], seed) => [name, normal(shape, 100 + seed)]),
    );
    const moved = async (sign: number): Promise<number> => {
      const at = Object.fromEntries(
        Object.entries(givens).map(([name, given]) => [
          name,
          name in direction
            ? floats(
                given.shape,
                [...given.data].map(
                  (value, i) => value + sign * step * (direction[name]?.data[i] as number),
                ),
              )
            : given,
        ]),
      );
      const { value } = await evaluate(engine, at, (tensors) => ({ value: run(tensors, []) }));
      return [...(value ?? [])].reduce(
        (sum, number, i) => sum + number * (givens["weights"]?.data[i] as number),
        0,
      );
    };
    const slope = ((await moved(1)) - (await moved(-1))) / (2 * step);
    const along = Object.keys(sizes).reduce(
      (sum, name) =>
        sum +
        [...(found[`gradient/${name}`] ?? [])].reduce(
          (part, number, i) => part + number * (direction[name]?.data[i] as number),
          0,
        ),
      0,
    );
    // rounding of float32 outputs over the step, and the curvature along it
    expect(Math.abs(along - slope)).toBeLessThan(5e-3 * Math.max(1, Math.abs(slope)));
    expect(Math.abs(slope)).toBeGreaterThan(0.1);
  });
});
