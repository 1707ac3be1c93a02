import { checkConfig, createPlan, createRandom, memorySource } from "@ligo/core";
import { gradmax, makeOperator } from "@ligo/core/methods";
import { describeLosslessFresh, describeMethods, randomModel } from "@ligo/testkit";
import { expect, it } from "vitest";
import { llama } from "./index.js";

const small = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  vocab_size: 23,
  hidden_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  head_dim: 4,
  intermediate_size: 10,
  max_position_embeddings: 32,
  rope_theta: 100,
  rms_norm_eps: 1e-3,
  tie_word_embeddings: true,
};

describeMethods(llama, {
  small,
  inputs: new Map([
    ["input_ids", { shape: [2, 5], data: Int32Array.of(2, 5, 11, 4, 9, 22, 7, 4, 3, 17) }],
  ]),
  growths: {
    "twice everything": {
      hidden_size: 24,
      num_hidden_layers: 4,
      num_attention_heads: 12,
      num_key_value_heads: 4,
      head_dim: 8,
      intermediate_size: 20,
    },
    "odd sizes, more heads of both kinds": {
      hidden_size: 27,
      num_hidden_layers: 3,
      num_attention_heads: 9,
      num_key_value_heads: 3,
      intermediate_size: 17,
    },
    "keys and values for every query head": { num_key_value_heads: 6 },
    "fewer and larger heads, as from Llama 3.2 1B to 3B": {
      num_attention_heads: 4,
      head_dim: 8,
      hidden_size: 20,
    },
  },
});

const tokens = Int32Array.from(
  { length: 46 },
  (_, index) => (7 * index + Math.floor(index / 23)) % 23,
);
const ids = { shape: [2, 23], data: tokens };

const odd = {
  small,
  inputs: new Map([
    ["input_ids", ids],
    ["labels", ids],
  ]),
  growth: {
    hidden_size: 27,
    num_hidden_layers: 3,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    head_dim: 8,
    intermediate_size: 15,
  },
};
describeLosslessFresh(llama, odd);

it("gradmax refuses gated MLPs before it asks data", async () => {
  const { layout, weights } = randomModel(llama, small, new Map());
  const wider = checkConfig(llama, { ...small, intermediate_size: 15 });
  const plan = createPlan(layout, llama.layout(wider, "LlamaForCausalLM"));
  const asked = (): never => {
    throw new Error("Nothing is to be asked.");
  };
  const probe = { gradients: asked, singularVectors: asked };
  const made = makeOperator(gradmax, plan, memorySource(weights), {
    random: createRandom(1),
    probe,
  });
  await expect(made).rejects.toMatchObject({ code: "method/gated" });
});
