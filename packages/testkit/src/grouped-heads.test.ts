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
  rms_norm_eps: 1e-3,
  rope_theta: 100,
  still: true,
  tie_word_embeddings: true,
};
const turning = { ...small, still: false };
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
  const all = sizes["all of it"] ?? {};
  const cases: readonly (readonly [string, RawConfig, RawConfig])[] = [
    ...Object.entries(heads).map(([name, growth]) => [name, turning, growth] as const),
    ["all of it", turning, all],
    ["all of it, like Gemma", { ...turning, like_gemma: true, head_norms: true }, all],
  ];
  it.each(cases)("of %s has the gradients of finite differences", async (_name, config, growth) => {
    const outcome = await checkOperatorGradients(grouped, {
      checkpoints: [checkpoint(config)],
      headers: { sizes: {}, configs: {}, cases: [], headers: [] },
      wider: () => growth,
      deeper: () => ({ num_hidden_layers: 3 }),
      sizes: () => config,
    });
    expect(outcome).toEqual({ problems: [] });
  });
});

describe("query heads that share keys and values", () => {
  describeMethods(grouped, { small, inputs, growths: heads });
});

describe("sizes under RMS norms", () => {
  describeMethods(grouped, { small, inputs, growths: sizes });
});

describe("rotary embeddings", () => {
  describeMethods(grouped, {
    small: { ...turning, tie_word_embeddings: false },
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
    small: { ...turning, head_norms: true },
    inputs,
    growths: {
      "twice the head size": { head_dim: 8 },
      "half again the head size": { head_dim: 6 },
      "twice the heads, keys and values": twice,
      "all of it": sizes["all of it"] ?? {},
    },
  });
});

/** A gain of 0.1 that is stored as -0.9 has a digit less. */
const LESS_ONE = 1e-5;

describe("gains that are stored less one, scaled embeddings, norms of branches", () => {
  describeMethods(grouped, {
    small: { ...turning, like_gemma: true, head_norms: true },
    inputs,
    rounding: LESS_ONE,
    growths: {
      "half again the width": { hidden_size: 12 },
      "twice the width": { hidden_size: 16 },
      "more layers": { num_hidden_layers: 3 },
      "all of it": sizes["all of it"] ?? {},
    },
  });
  describeMethods(grouped, {
    small: { ...turning, like_gemma: true, tie_word_embeddings: false },
    inputs,
    rounding: LESS_ONE,
    growths: { "all of it": sizes["all of it"] ?? {} },
  });
});
