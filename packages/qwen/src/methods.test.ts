import { describeLosslessFresh, type FixtureTensors } from "@ligo/testkit";
import { qwen2, qwen3 } from "./index.js";

const ids = {
  shape: [2, 23],
  data: Int32Array.from({ length: 46 }, (_, index) => (7 * index + Math.floor(index / 23)) % 23),
};
const inputs: FixtureTensors = new Map([
  ["input_ids", ids],
  ["labels", ids],
]);

const sizes = {
  vocab_size: 23,
  hidden_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  intermediate_size: 10,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-3,
  tie_word_embeddings: true,
};
const growth = {
  hidden_size: 18,
  num_hidden_layers: 3,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  intermediate_size: 17,
};

describeLosslessFresh(qwen2, {
  small: { ...sizes, model_type: "qwen2", architectures: ["Qwen2ForCausalLM"] },
  inputs,
  growth,
  // random biases make scores of tens, whose rounding the softmax passes on
  rounding: 1e-5,
});

// norms of heads, whose epsilon is that of the others
describeLosslessFresh(qwen3, {
  small: { ...sizes, model_type: "qwen3", architectures: ["Qwen3ForCausalLM"], head_dim: 4 },
  inputs,
  growth,
});
