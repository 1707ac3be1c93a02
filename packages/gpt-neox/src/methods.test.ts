import { describeGradmax, describeLosslessFresh, type FixtureTensors } from "@ligo/testkit";
import { gptNeoX } from "./index.js";

const ids = {
  shape: [2, 23],
  data: Int32Array.from({ length: 46 }, (_, index) => (7 * index + Math.floor(index / 23)) % 23),
};
const inputs: FixtureTensors = new Map([
  ["input_ids", ids],
  ["labels", ids],
]);

const small = {
  model_type: "gpt_neox",
  architectures: ["GPTNeoXForCausalLM"],
  vocab_size: 23,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 12,
  max_position_embeddings: 32,
  rotary_pct: 0.5,
  layer_norm_eps: 1e-3,
  tie_word_embeddings: false,
};
const growth = {
  hidden_size: 24,
  num_attention_heads: 3,
  num_hidden_layers: 3,
  intermediate_size: 19,
};

// rows of queries, keys and values interleave head by head
describeLosslessFresh(gptNeoX, { small, inputs, growth });
describeGradmax(gptNeoX, { small, inputs, growth });
describeLosslessFresh(gptNeoX, {
  small: { ...small, use_parallel_residual: false, tie_word_embeddings: true },
  inputs,
  growth,
});
