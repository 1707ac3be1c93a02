import { createRandom, type RawConfig } from "@ligo/core";
import { expandLayout } from "@ligo/core/layout";
import { initialWeights } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { grouped } from "./__fixtures__/grouped-toy.js";
import { checkOperatorGradients } from "./checks/operator-gradients.js";
import { describeMethods, type MethodCases } from "./describe-methods.js";
import type { RecordedCheckpoint } from "./fixtures.js";
import { layOut } from "./models.js";

const small = {
  model_type: "grouped",
  vocab_size: 13,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  head_dim: 4,
  intermediate_size: 10,
};
const inputs = new Map([
  ["input_ids", { shape: [2, 5], data: Int32Array.of(2, 5, 11, 4, 9, 12, 7, 4, 3, 1) }],
]);
const twice = { num_attention_heads: 12, num_key_value_heads: 4 };
const heads: MethodCases["growths"] = {
  "twice the heads, as many keys and values": { num_attention_heads: 12 },
  "one more query head a group": { num_attention_heads: 8 },
  "twice the heads, keys and values": twice,
  "half again as many": { num_attention_heads: 9, num_key_value_heads: 3 },
  "keys and values for every query head": { num_key_value_heads: 6 },
  "smaller groups, more of them": { num_attention_heads: 10, num_key_value_heads: 5 },
  "smaller groups, too few of them": { num_key_value_heads: 3 },
  "fewer keys and values": { num_key_value_heads: 1 },
  "fewer and larger heads": { num_attention_heads: 4, head_dim: 8 },
};
const sizes: MethodCases["growths"] = {
  "twice the head size": { head_dim: 8 },
  "half again the head size": { head_dim: 6 },
  "half again the width": { hidden_size: 12 },
  "twice the width": { hidden_size: 16 },
  "more layers": { num_hidden_layers: 3 },
  "a wider MLP": { intermediate_size: 200 },
  "all of it": {
    ...twice,
    hidden_size: 21,
    head_dim: 8,
    intermediate_size: 23,
    num_hidden_layers: 5,
  },
  nothing: {},
};

/** A checkpoint of the toy with random weights. */
function checkpoint(config: RawConfig): RecordedCheckpoint {
  const { layout } = layOut(grouped, config);
  const random = createRandom(1);
  const weights = initialWeights(layout, { seed: 1, deviation: 0.2 });
  const shapes = new Map(expandLayout(layout).map(({ name, shape }) => [name, shape]));
  const labels = { shape: [2, 5], data: Int32Array.of(5, 11, 4, 9, 12, 7, 4, 3, 1, 2) };
  return {
    name: "grouped",
    config,
    tensors: new Map(
      [...weights].map(([name, data]) => {
        const own = random.fork(name);
        const moved = data.map((value) => value + 0.1 * own.normal());
        return [name, { shape: shapes.get(name) ?? [], data: moved }];
      }),
    ),
    inputs: new Map([...inputs, ["labels", labels]]),
    outputs: new Map(),
    loss: 0,
  };
}

describe("a learned operator", () => {
  it.each(Object.entries({ ...heads, "all of it": sizes["all of it"] ?? {} }))(
    "of %s has the gradients of finite differences",
    async (_name, growth) => {
      const config = { ...small, rope_theta: 100 };
      const outcome = await checkOperatorGradients(grouped, {
        checkpoints: [checkpoint(config)],
        headers: { sizes: {}, configs: {}, cases: [], headers: [] },
        wider: () => growth,
        deeper: () => ({ num_hidden_layers: 3 }),
        sizes: () => config,
      });
      expect(outcome).toEqual({ problems: [] });
    },
  );
});

describe("query heads that share keys and values", () => {
  describeMethods(grouped, { small, inputs, growths: heads });
});

describe("sizes under RMS norms", () => {
  describeMethods(grouped, { small, inputs, growths: sizes });
});

describe("rotary embeddings", () => {
  describeMethods(grouped, {
    small: { ...small, rope_theta: 100, tie_word_embeddings: false },
    inputs,
    growths: {
      "twice the head size": { head_dim: 8 },
      "half again the head size": { head_dim: 6 },
      "all of it": sizes["all of it"] ?? {},
      "another base that keeps the speeds": { head_dim: 6, rope_theta: 100 ** (6 / 4) },
    },
  });
});

describe("norms of queries and keys", () => {
  describeMethods(grouped, {
    small: { ...small, rope_theta: 100, head_norms: true },
    inputs,
    growths: {
      "twice the head size": { head_dim: 8 },
      "half again the head size": { head_dim: 6 },
      "twice the heads, keys and values": twice,
      "all of it": sizes["all of it"] ?? {},
    },
  });
});
