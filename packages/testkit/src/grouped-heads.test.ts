import { describe } from "vitest";
import { grouped } from "./__fixtures__/grouped-toy.js";
import { describeMethods, type MethodCases } from "./describe-methods.js";

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
  "a wider MLP": { intermediate_size: 65 },
  "all of it": {
    ...twice,
    hidden_size: 21,
    head_dim: 8,
    intermediate_size: 23,
    num_hidden_layers: 5,
  },
  nothing: {},
};

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
