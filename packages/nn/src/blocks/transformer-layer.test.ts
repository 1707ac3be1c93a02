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
  gatherRows,
  layerNorm,
  linear,
  postNormLayer,
  preNormLayer,
  tensorParameters,
  transformerStates,
  type TransformerLayerOptions,
} from "../index.js";

/** float32 sums in another order. */
const TOLERANCE = { absolute: 1e-5, relative: 1e-5 };

const names = (queryKeyValue: TransformerLayerNames["queryKeyValue"]): TransformerLayerNames => ({
  queryKeyValue,
  attentionOutput: "h.{i}.o",
  attentionNorm: "h.{i}.n1",
  mlpInput: "h.{i}.m1",
  mlpOutput: "h.{i}.m2",
  mlpNorm: "h.{i}.n2",
});
const separate = names(["h.{i}.q", "h.{i}.k", "h.{i}.v"]);
const fused = names(["h.{i}.qkv"]);

const N = 4;
const M = 6;
const [batch, sequence, heads] = [2, 3, 2];
const options = {
  names: separate,
  heads,
  epsilon: 1e-5,
  activation: (x: tf.Tensor2D): tf.Tensor2D => tf.tanh(x),
};
const shape = { batch, sequence };

const sizes: Readonly<Record<string, readonly number[]>> = {
  "h.3.q.weight": [N, N],
  "h.3.k.weight": [N, N],
  "h.3.v.weight": [N, N],
  "h.3.q.bias": [N],
  "h.3.k.bias": [N],
  "h.3.v.bias": [N],
  "h.3.o.weight": [N, N],
  "h.3.o.bias": [N],
  "h.3.n1.weight": [N],
  "h.3.n1.bias": [N],
  "h.3.m1.weight": [M, N],
  "h.3.m1.bias": [M],
  "h.3.m2.weight": [N, M],
  "h.3.m2.bias": [N],
  "h.3.n2.weight": [N],
  "h.3.n2.bias": [N],
};
const weights: Givens = Object.fromEntries(
  Object.entries(sizes).map(([name, size], seed) => [name, normal(size, seed)]),
);
const x = normal([batch * sequence, N], 50);
const givens: Givens = { ...weights, x };
const activations = ({ x }: Tensors): tf.Tensor2D => x as tf.Tensor2D;

/** The layer written out. */
function written(tensors: Tensors, pre: boolean): tf.Tensor2D {
  const project = (name: string, a: tf.Tensor2D): tf.Tensor2D =>
    linear(
      a,
      tensors[`h.3.${name}.weight`] as tf.Tensor2D,
      tensors[`h.3.${name}.bias`] as tf.Tensor1D,
    );
  const norm = (name: string, a: tf.Tensor2D): tf.Tensor2D =>
    layerNorm(
      a,
      tensors[`h.3.${name}.weight`] as tf.Tensor1D,
      tensors[`h.3.${name}.bias`] as tf.Tensor1D,
      1e-5,
    );
  const attend = (a: tf.Tensor2D): tf.Tensor2D =>
    project("o", attention(project("q", a), project("k", a), project("v", a), { ...shape, heads }));
  const mlp = (a: tf.Tensor2D): tf.Tensor2D => project("m2", tf.tanh(project("m1", a)));
  const start = activations(tensors);
  if (pre) {
    const middle = start.add<tf.Tensor2D>(attend(norm("n1", start)));
    return middle.add(mlp(norm("n2", middle)));
  }
  const middle = norm("n1", start.add(attend(start)));
  return norm("n2", middle.add(mlp(middle)));
}

const layers = { pre: preNormLayer, post: postNormLayer } as const;
const kinds = ["pre", "post"] as const;

describe.each(engines)("transformer layers on the %s engine", (_name, engine) => {
  it.each(kinds)("%s-norm is the layer written out, with its gradients", async (kind) => {
    const weighted = { ...givens, weights: normal([batch * sequence, N], 51) };
    const actual = await evaluateWithGradients(engine, weighted, (tensors) =>
      layers[kind](tensorParameters(tensors), 3, activations(tensors), options, shape),
    );
    const expected = await evaluateWithGradients(engine, weighted, (tensors) =>
      written(tensors, kind === "pre"),
    );
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [name, numbers] of Object.entries(expected)) {
      expect(actual[name], name).toBeAllClose(numbers, TOLERANCE);
    }
  });

  it.each(kinds)("%s-norm takes fused weights stored [in, out]", async (kind) => {
    const conv1d = (tensors: Tensors): Tensors => ({
      ...Object.fromEntries(
        Object.entries(tensors).map(([name, tensor]) => [
          name,
          name.endsWith(".weight") && tensor.rank === 2 ? tensor.transpose() : tensor,
        ]),
      ),
      "h.3.qkv.weight": tf
        .concat(["q", "k", "v"].map((space) => tensors[`h.3.${space}.weight`] as tf.Tensor2D))
        .transpose(),
      "h.3.qkv.bias": tf.concat(
        ["q", "k", "v"].map((space) => tensors[`h.3.${space}.bias`] as tf.Tensor1D),
      ),
    });
    const { plain, transposed } = await evaluate(engine, givens, (tensors) => {
      const run = (given: Tensors, more: Partial<TransformerLayerOptions>): tf.Tensor =>
        layers[kind](
          tensorParameters(given),
          3,
          activations(tensors),
          { ...options, ...more },
          shape,
        );
      return {
        plain: run(tensors, {}),
        transposed: run(conv1d(tensors), { names: fused, storage: "in-out" }),
      };
    });
    expect(transposed).toBeAllClose(plain, TOLERANCE);
  });

  it.each(kinds)("%s-norm works without biases of query, key and value", async (kind) => {
    const zero = floats([N], [0, 0, 0, 0]);
    const biases = { "h.3.q.bias": zero, "h.3.k.bias": zero, "h.3.v.bias": zero };
    const { without, zeros } = await evaluate(engine, { ...givens, ...biases }, (tensors) => {
      const run = (given: Tensors): tf.Tensor =>
        layers[kind](tensorParameters(given), 3, activations(tensors), options, shape);
      const fewer = Object.entries(tensors).filter(([name]) => !(name in biases));
      return { without: run(Object.fromEntries(fewer)), zeros: run(tensors) };
    });
    expect(without).toBeAllClose(zeros, TOLERANCE);
  });

  it("stochastic depth skips branches sample by sample", async () => {
    const scales = { attention: floats([batch], [0, 1]), mlp: floats([batch], [0, 2]) };
    const outputs = await evaluate(engine, { ...givens, ...scales }, (tensors) => {
      const p = tensorParameters(tensors);
      const start = activations(tensors);
      const branchScales = [tensors["attention"], tensors["mlp"]] as [tf.Tensor1D, tf.Tensor1D];
      const attentionOnly = [tf.ones([batch]), tf.zeros([batch])] as [tf.Tensor1D, tf.Tensor1D];
      return {
        scaled: preNormLayer(p, 3, start, options, { ...shape, branchScales }),
        middle: preNormLayer(p, 3, start, options, { ...shape, branchScales: attentionOnly }),
        full: preNormLayer(p, 3, start, options, shape),
      };
    });
    const half = sequence * N;
    expect(outputs["scaled"]?.subarray(0, half)).toBeAllClose(x.data.subarray(0, half));
    // the attention branch as it is, and the MLP branch twice
    const doubled = outputs["full"]?.map((value, i) => 2 * value - (outputs["middle"]?.[i] ?? 0));
    expect(outputs["scaled"]?.subarray(half)).toBeAllClose(doubled?.subarray(half), TOLERANCE);
  });

  it.each(kinds)("a stack of %s-norm layers gives what each gets and gives", async (norm) => {
    const deeper = Object.fromEntries(
      Object.entries(weights).map(([name, given]) => [name.replace("h.3", "h.0"), given]),
    );
    const second = Object.fromEntries(
      Object.entries(sizes).map(([name, size], seed) => [
        name.replace("h.3", "h.1"),
        normal(size, 100 + seed),
      ]),
    );
    const outputs = await evaluate(engine, { ...deeper, ...second, x }, (tensors) => {
      const p = tensorParameters(tensors);
      const scales = [0.1, 0.7];
      const inputs = (layer: number) => ({ ...shape, scale: scales[layer] });
      const stack = { ...options, norm, layers: 2 };
      const states = transformerStates(p, activations(tensors), stack, inputs);
      const first = layers[norm](p, 0, activations(tensors), options, inputs(0));
      return {
        ...Object.fromEntries(states.entries()),
        first,
        last: layers[norm](p, 1, first, options, inputs(1)),
      };
    });
    expect(outputs["0"]).toEqual(x.data);
    expect(outputs["1"]).toEqual(outputs["first"]);
    expect(outputs["2"]).toEqual(outputs["last"]);
    expect(Object.keys(outputs)).toHaveLength(5);
  });

  it.each(kinds)("a stack of %s-norm layers gives the wanted rows alone", async (norm) => {
    const layered = Object.fromEntries(
      [0, 1].flatMap((layer) =>
        Object.entries(sizes).map(([name, size], seed) => [
          name.replace("h.3", `h.${layer}`),
          normal(size, 100 * layer + seed),
        ]),
      ),
    );
    // row 4 twice, as where packed labels are padded with a row that is labelled
    const rows = [4, 1, 4, 5];
    const weighted = { ...layered, x, weights: normal([rows.length, N], 52) };
    const lastOf = (tensors: Tensors, wanted?: tf.Tensor1D): tf.Tensor2D => {
      const stack = { ...options, norm, layers: 2 };
      const p = tensorParameters(tensors);
      return transformerStates(p, activations(tensors), stack, shape, wanted).at(-1) as tf.Tensor2D;
    };
    const actual = await evaluateWithGradients(engine, weighted, (tensors) =>
      lastOf(tensors, tf.tensor1d(rows, "int32")),
    );
    const expected = await evaluateWithGradients(engine, weighted, (tensors) =>
      gatherRows(tf.tensor1d(rows, "int32"), lastOf(tensors)),
    );
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [name, numbers] of Object.entries(expected)) {
      expect(actual[name], name).toBeAllClose(numbers, TOLERANCE);
    }
  });

  it("a causal mask hides what comes later", async () => {
    const later = x.data.map((value, i) => (i % (sequence * N) >= 2 * N ? value + 1 : value));
    const run = async (data: typeof later): Promise<ArrayLike<number> | undefined> => {
      const outputs = await evaluate(
        engine,
        { ...givens, x: floats(x.shape, data) },
        (tensors) => ({
          value: preNormLayer(tensorParameters(tensors), 3, activations(tensors), options, {
            ...shape,
            mask: causalMask(sequence),
          }),
        }),
      );
      return outputs["value"];
    };
    const [before, after] = [await run(x.data as typeof later), await run(later)];
    const seen = (values: ArrayLike<number> | undefined): number[] =>
      [...(values as Float32Array)].filter((_, i) => i % (sequence * N) < 2 * N);
    expect(seen(after)).toEqual(seen(before));
    expect([...(after as Float32Array)]).not.toEqual([...(before as Float32Array)]);
  });
});
