import { describeLosslessFresh, type FixtureTensors } from "@ligo/testkit";
import { gemma3 } from "./index.js";

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

// gains stored less one, norms of what branches add, embeddings scaled by their size
describeLosslessFresh(gemma3, {
  small: {
    ...sizes,
    model_type: "gemma3_text",
    architectures: ["Gemma3ForCausalLM"],
    head_dim: 4,
    query_pre_attn_scalar: 7,
    layer_types: ["sliding_attention", "full_attention"],
    sliding_window: 3,
  },
  inputs,
  growth: { ...growth, layer_types: ["sliding_attention", "sliding_attention", "full_attention"] },
});
