import * as tf from "@ligo/tfjs";
import { describe, expect, it, vi } from "vitest";
import { engines, evaluate, floats, integers } from "./__fixtures__/programs.js";
import { asTensor, dense, embedding, tensorParameters, type LazyParameter } from "./index.js";

const [, reference] = engines[1]!;

const givens = {
  x: floats([1, 2], [1, 2]),
  weight: floats([3, 2], [1, 0, 0, 1, 1, 1]),
  bias: floats([3], [10, 20, 30]),
  ids: integers([2], [2, 0]),
};

describe("tensorParameters", () => {
  it("hold what they are given and nothing else", async () => {
    await evaluate(reference, givens, (tensors) => {
      const parameters = tensorParameters(tensors);
      expect(parameters.get("weight")).toBe(tensors["weight"]);
      expect(parameters.has("weight")).toBe(true);
      for (const name of ["other", "toString"]) {
        expect(parameters.has(name)).toBe(false);
        expect(() => parameters.get(name)).toThrow(new RegExp(`a parameter ${name} `));
      }
      return {};
    });
  });
});

describe("dense, embedding and asTensor", () => {
  it("work on tensors", async () => {
    const outputs = await evaluate(reference, givens, ({ x, weight, bias, ids }) => ({
      plain: dense(x as tf.Tensor2D, weight!),
      biased: dense(x as tf.Tensor2D, weight!, bias),
      rows: embedding(ids as tf.Tensor1D, weight!),
      same: asTensor(bias!),
    }));
    expect(outputs).toEqual({
      plain: Float32Array.of(1, 2, 3),
      biased: Float32Array.of(11, 22, 33),
      rows: Float32Array.of(1, 1, 1, 0),
      same: givens.bias.data,
    });
  });

  it("leave lazy parameters to themselves, biases excepted", async () => {
    const lazy = (tensor: tf.Tensor): LazyParameter => ({
      kind: "lazy",
      shape: tensor.shape,
      materialise: vi.fn<LazyParameter["materialise"]>(() => tensor),
      multiply: vi.fn<LazyParameter["multiply"]>((x) => x),
      rows: vi.fn<LazyParameter["rows"]>(() => tensor as tf.Tensor2D),
    });
    await evaluate(reference, givens, ({ x, weight, bias, ids }) => {
      const [w, b] = [lazy(weight!), lazy(bias!)];
      dense(x as tf.Tensor2D, w, b, 3);
      expect(w.multiply).toHaveBeenCalledWith(x, bias, 3);
      dense(x as tf.Tensor2D, w);
      expect(w.multiply).toHaveBeenCalledWith(x, undefined, 1);
      embedding(ids as tf.Tensor1D, w);
      expect(w.rows).toHaveBeenCalledWith(ids);
      expect(w.materialise).not.toHaveBeenCalled();
      expect(asTensor(w)).toBe(weight);
      return {};
    });
  });
});
