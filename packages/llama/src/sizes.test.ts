import { describeSizes } from "@ligo/testkit";
import { llama } from "./index.js";

describeSizes(llama, {
  "SmolLM2-135M": {
    config: {
      model_type: "llama",
      hidden_size: 576,
      intermediate_size: 1536,
      num_attention_heads: 9,
      num_key_value_heads: 3,
      num_hidden_layers: 30,
      vocab_size: 49152,
      tie_word_embeddings: true,
    },
    twice: {
      hidden_size: 768,
      intermediate_size: 2048,
      num_attention_heads: 12,
      num_hidden_layers: 37,
      num_key_value_heads: 4,
    },
    wide: {
      hidden_size: 1152,
      intermediate_size: 3072,
      num_attention_heads: 18,
      num_key_value_heads: 6,
    },
  },
  "Llama 3.2 1B": {
    config: {
      model_type: "llama",
      hidden_size: 2048,
      intermediate_size: 8192,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 64,
      num_hidden_layers: 16,
      vocab_size: 128256,
      tie_word_embeddings: true,
      rope_theta: 500000,
      rope_scaling: {
        factor: 32,
        high_freq_factor: 4,
        low_freq_factor: 1,
        original_max_position_embeddings: 8192,
        rope_type: "llama3",
      },
    },
    twice: {
      hidden_size: 2560,
      intermediate_size: 10240,
      num_attention_heads: 40,
      num_hidden_layers: 22,
      num_key_value_heads: 10,
    },
    wide: {
      hidden_size: 4096,
      intermediate_size: 16384,
      num_attention_heads: 64,
      num_key_value_heads: 16,
    },
  },
});
