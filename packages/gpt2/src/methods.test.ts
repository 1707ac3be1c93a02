import { describeGradmax, describeLosslessFresh, describeMethods } from "@ligo/testkit";
import { describe } from "vitest";
import { gpt2 } from "./index.js";

const small = {
  model_type: "gpt2",
  architectures: ["GPT2LMHeadModel"],
  vocab_size: 23,
  n_positions: 9,
  n_embd: 8,
  n_layer: 2,
  n_head: 2,
  n_inner: 12,
};
const inputs = new Map([
  ["input_ids", { shape: [2, 5], data: Int32Array.of(2, 5, 11, 4, 9, 22, 7, 4, 3, 17) }],
]);
const growths = {
  "twice the width": { n_embd: 16, n_head: 4, n_inner: 24 },
  "half again the width": { n_embd: 12, n_head: 3, n_inner: 19 },
  "a wider MLP": { n_inner: 17 },
  "larger heads": { n_embd: 16 },
  "more layers": { n_layer: 5 },
  "all of it": { n_embd: 20, n_head: 5, n_inner: 31, n_layer: 3 },
  nothing: {},
} as const;

describeMethods(gpt2, { small, inputs, growths });

describe("scores that are not scaled by the head size", () => {
  describeMethods(gpt2, {
    // A filter that scales the residual stream changes no more than what the epsilon of norms weighs.
    small: { ...small, scale_attn_weights: false, layer_norm_epsilon: 1e-3 },
    inputs,
    growths: { "larger heads": growths["larger heads"], "all of it": growths["all of it"] },
  });
});

describe("scores that are divided by the number of the layer", () => {
  describeMethods(gpt2, {
    small: { ...small, scale_attn_by_inverse_layer_idx: true },
    inputs,
    growths: { "larger heads": growths["larger heads"], "more layers": growths["more layers"] },
  });
});

describe("an untied readout", () => {
  describeMethods(gpt2, {
    small: { ...small, tie_word_embeddings: false },
    inputs,
    growths: { "all of it": growths["all of it"], "twice the width": growths["twice the width"] },
  });
});

const tokens = Int32Array.from({ length: 27 }, (_, index) => (5 * index) % 23);
const ids = { shape: [3, 9], data: tokens };

const odd = {
  small,
  inputs: new Map([
    ["input_ids", ids],
    ["labels", ids],
  ]),
  growth: { n_embd: 15, n_head: 3, n_inner: 19, n_layer: 3 },
  // the last position has no successor to predict
  flat: /wpe/u,
};
describeLosslessFresh(gpt2, odd);
describeGradmax(gpt2, { ...odd, growth: { ...odd.growth, n_inner: 15 } });
