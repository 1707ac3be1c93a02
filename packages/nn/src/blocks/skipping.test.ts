import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { engines, evaluate, normal, type Givens, type Tensors } from "../__fixtures__/programs.js";
import {
  causalMask,
  paddingMask,
  postNormLayer,
  preNormLayer,
  tensorParameters,
  transformerStates,
  withSkipping,
  type Parameters,
  type Skipping,
  type TransformerStackOptions,
} from "../index.js";

/** float32 sums in another order. */
const TOLERANCE = { absolute: 1e-5, relative: 1e-5 };
const [BATCH, SEQUENCE, N, LAYERS] = [2, 5, 4, 4];
const ROWS = BATCH * SEQUENCE;

const options: TransformerStackOptions = {
  names: {
    queryKeyValue: ["h.{i}.q", "h.{i}.k", "h.{i}.v"],
    attentionOutput: "h.{i}.o",
    attentionNorm: "h.{i}.n1",
    mlpInput: "h.{i}.m1",
    mlpOutput: "h.{i}.m2",
    mlpNorm: "h.{i}.n2",
  },
  layers: LAYERS,
  norm: "pre",
  heads: 2,
  epsilon: 1e-5,
  activation: (x) => tf.tanh(x),
  wholeTokens: 1,
};
const layerNumbers = Array.from({ length: LAYERS }, (_, layer) => layer);
const givens: Givens = {
  x: normal([ROWS, N], 100),
  ...Object.fromEntries(
    layerNumbers.flatMap((layer) =>
      ["q", "k", "v", "o", "m1", "m2", "n1", "n2"].flatMap((name, index) => {
        const [full, seed] = [`h.${layer}.${name}`, 100 * layer + 2 * index];
        const weight: readonly [string, Givens[string]] = [
          `${full}.weight`,
          normal(name.startsWith("n") ? [N] : [N, N], seed),
        ];
        const bias: readonly [string, Givens[string]] = [`${full}.bias`, normal([N], seed + 1)];
        return [weight, bias];
      }),
    ),
  ),
};

/** Keeps the given rows of every group, and notes what was asked for. */
function skippingOf(
  shares: Pick<Skipping, "tokens" | "layers">,
  rowsOf: (kept: number) => readonly number[],
  asked: object[] = [],
): Skipping {
  return {
    ...shares,
    partition(sizes) {
      asked.push(sizes);
      const kept = rowsOf(sizes.kept);
      const all = Array.from({ length: sizes.groups * sizes.size }, (_, row) => row);
      const order = [...kept, ...all.filter((row) => !kept.includes(row))];
      const place = all.map((row) => order.indexOf(row));
      return { order: tf.tensor1d(order, "int32"), place: tf.tensor1d(place, "int32") };
    },
  };
}

/** Tokens 0, 1, 3 of the first sequence and 0, 2, 4 of the second. */
const KEPT = [0, 1, 3, 5, 7, 9];
const tokens = { tokens: 0.4 };
const whole = { batch: BATCH, sequence: SEQUENCE };

const split = (tensors: Tensors): { x: tf.Tensor2D; p: Parameters } => {
  const { x, ...rest } = tensors;
  return { x: x as tf.Tensor2D, p: tensorParameters(rest) };
};
const pick = (x: tf.Tensor2D, rows: readonly number[]): tf.Tensor2D =>
  tf.gather(x, tf.tensor1d([...rows], "int32"));
/** x with the given rows replaced, by a matrix of zeros and ones. */
const putBack = (x: tf.Tensor2D, some: tf.Tensor2D, rows: readonly number[]): tf.Tensor2D => {
  const total = x.shape[0];
  const into = tf.tensor2d(
    Array.from({ length: total }, (_, row) => rows.map((kept) => Number(kept === row))),
  );
  const left = tf.tensor2d(
    Array.from({ length: total }, (_, row) => [Number(!rows.includes(row))]),
  );
  return x.mul(left).add(into.matMul(some));
};

describe.each(engines)("skipping on the %s engine", (_name, engine) => {
  it.each(["pre", "post"] as const)(
    "tokens: layers between the first and the last see those kept alone, %s-norm, with its gradients",
    async (norm) => {
      const layerOf = norm === "pre" ? preNormLayer : postNormLayer;
      const asked: object[] = [];
      const actual = await evaluate(engine, givens, (tensors) => {
        const run = (dropping: boolean) => (x: tf.Tensor) => {
          const { p } = split(tensors);
          if (dropping) {
            const skipping = withSkipping(
              p,
              skippingOf(tokens, () => KEPT, asked),
            );
            const own = { ...options, norm };
            return transformerStates(skipping, x as tf.Tensor2D, own, whole).at(-1) as tf.Tensor2D;
          }
          const first = layerOf(p, 0, x as tf.Tensor2D, options, whole);
          const small = { batch: BATCH, sequence: 3 };
          const between = [1, 2].reduce(
            (state, layer) => layerOf(p, layer, state, options, small),
            pick(first, KEPT),
          );
          return layerOf(p, 3, putBack(first, between, KEPT), options, whole);
        };
        const weights = tf.range(1, ROWS * N + 1).reshape([ROWS, N]);
        const gradient = (dropping: boolean): tf.Tensor =>
          tf.grad((x) => run(dropping)(x).mul(weights).sum())(tensors["x"] as tf.Tensor);
        const x = tensors["x"] as tf.Tensor;
        return {
          actual: run(true)(x),
          expected: run(false)(x),
          actualGradient: gradient(true),
          expectedGradient: gradient(false),
        };
      });
      expect(actual["actual"]).toBeAllClose(actual["expected"] ?? [], TOLERANCE);
      // sums of forty products of numbers up to forty
      const tolerance = { absolute: 2e-3, relative: 1e-4 };
      expect(actual["actualGradient"]).toBeAllClose(actual["expectedGradient"] ?? [], tolerance);
      expect(asked[0]).toEqual({ groups: 2, size: 5, kept: 3, whole: 1 });
    },
  );

  it.each([
    ["causal", () => causalMask(SEQUENCE)],
    [
      "padded",
      () =>
        paddingMask(
          tf.tensor2d(
            [
              [1, 1, 1, 0, 0],
              [1, 1, 1, 1, 1],
            ],
            undefined,
            "int32",
          ),
        ),
    ],
  ])("tokens: a mask follows them, %s", async (_mask, make) => {
    const { actual, expected } = await evaluate(engine, givens, (tensors) => {
      const { p, x } = split(tensors);
      const skipping = withSkipping(
        p,
        skippingOf(tokens, () => KEPT),
      );
      const mask = make();
      const all = mask.add(tf.zeros([BATCH, 1, SEQUENCE, SEQUENCE]));
      // rows and columns of the mask that stand for the tokens kept, sequence by sequence
      const small = tf.stack(
        [
          [0, 1, 3],
          [0, 2, 4],
        ].map((kept, row) => {
          const index = tf.tensor1d(kept, "int32");
          const own = all.slice([row, 0, 0, 0], [1, 1, -1, -1]).reshape([SEQUENCE, SEQUENCE]);
          return tf.gather(tf.gather(own, index), index, 1);
        }),
      );
      const first = preNormLayer(p, 0, x, options, { ...whole, mask });
      const between = [1, 2].reduce(
        (state, layer) =>
          preNormLayer(p, layer, state, options, {
            batch: BATCH,
            sequence: 3,
            mask: small.reshape([BATCH, 1, 3, 3]),
          }),
        pick(first, KEPT),
      );
      return {
        actual: transformerStates(skipping, x, options, { ...whole, mask }).at(-1) as tf.Tensor2D,
        expected: preNormLayer(p, 3, putBack(first, between, KEPT), options, { ...whole, mask }),
      };
    });
    expect(actual).toBeAllClose(expected ?? [], TOLERANCE);
  });

  it.each(["pre", "post"] as const)(
    "layers: the others' branches are scaled, and each keeps its own padding, %s-norm",
    async (norm) => {
      const layerOf = norm === "pre" ? preNormLayer : postNormLayer;
      const asked: object[] = [];
      const outputs = await evaluate(engine, givens, (tensors) => {
        const { p, x } = split(tensors);
        const seen = tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], [BATCH, SEQUENCE], "int32");
        const mask = paddingMask(seen);
        // 0.5 l / 4 of two sequences: layers 2, 3 and 4 round to one
        const skipping = withSkipping(
          p,
          skippingOf({ layers: 0.5 }, () => [1], asked),
        );
        const own = { ...options, norm };
        const second = [5, 6, 7, 8, 9];
        const first = layerOf(p, 0, x, options, { ...whole, mask });
        const state = [1, 2, 3].reduce((before, layer) => {
          const some = layerOf(p, layer, pick(before, second), options, {
            batch: 1,
            sequence: SEQUENCE,
            mask: mask.slice([1, 0, 0, 0], [1, -1, -1, -1]),
            branchScales: [tf.tensor1d([2]), tf.tensor1d([2])],
          });
          return putBack(before, some, second);
        }, first);
        const run = (wanted?: tf.Tensor1D): tf.Tensor2D =>
          transformerStates(skipping, x, own, { ...whole, mask }, wanted).at(-1) as tf.Tensor2D;
        return {
          actual: run(),
          expected: state,
          // a row of the sequence that skips the last layer, and one of that which does not
          actualRows: run(tf.tensor1d([2, 7], "int32")),
          expectedRows: pick(state, [2, 7]),
        };
      });
      const { actual, actualRows, expected, expectedRows } = outputs;
      expect(actual).toBeAllClose(expected ?? [], TOLERANCE);
      expect(actualRows).toBeAllClose(expectedRows ?? [], TOLERANCE);
      expect(asked.slice(0, 3)).toEqual(
        Array.from({ length: 3 }, () => ({ groups: 1, size: 2, kept: 1 })),
      );
    },
  );
});
