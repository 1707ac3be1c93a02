import { checkConfig, createPlan, methodNamed, parameterCount, type Layout } from "@ligo/core";
import { expect, it } from "vitest";
import { llama } from "./index.js";

/** Llama 3.2 1B as its config.json was published, but for keys that say nothing of the layout. */
const small = {
  architectures: ["LlamaForCausalLM"],
  attention_bias: false,
  head_dim: 64,
  hidden_act: "silu",
  hidden_size: 2048,
  intermediate_size: 8192,
  max_position_embeddings: 131_072,
  mlp_bias: false,
  model_type: "llama",
  num_attention_heads: 32,
  num_hidden_layers: 16,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-5,
  rope_scaling: {
    factor: 32,
    high_freq_factor: 4,
    low_freq_factor: 1,
    original_max_position_embeddings: 8192,
    rope_type: "llama3",
  },
  rope_theta: 500_000,
  tie_word_embeddings: true,
  vocab_size: 128_256,
};
/** The keys that 3B has otherwise. */
const large = {
  ...small,
  head_dim: 128,
  hidden_size: 3072,
  num_attention_heads: 24,
  num_hidden_layers: 28,
};

const layout = (raw: object): Layout =>
  llama.layout(checkConfig(llama, { ...raw }), "LlamaForCausalLM");

it("plans from Llama 3.2 1B to 3B, and says that its query heads become fewer", () => {
  const plan = createPlan(layout(small), layout(large));
  expect([plan.source, plan.target].map(parameterCount)).toEqual([1_235_814_400, 3_212_749_824]);
  // twice the head size finds every speed again, rescaled speeds too
  expect(methodNamed("lemon").keepsFunction(plan, llama)).toEqual({
    kept: false,
    reasons: [
      "kvHead: 4 query heads shared one of 8 heads of keys and values, and 3 share one of 8: query heads without a place beside their keys are averaged",
    ],
  });
});

it("keeps the function to any of its sizes with as many query heads", () => {
  const plan = createPlan(
    layout(small),
    layout({ ...large, hidden_size: 5120, num_attention_heads: 40 }),
  );
  expect(methodNamed("lemon").keepsFunction(plan, llama)).toEqual({ kept: true });
});
