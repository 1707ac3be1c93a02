import { describeSizes } from "@ligo/testkit";
import { qwen2, qwen3 } from "./index.js";

describeSizes(qwen2, {
  "Qwen2.5-0.5B": {
    config: {
      model_type: "qwen2",
      hidden_size: 896,
      intermediate_size: 4864,
      num_attention_heads: 14,
      num_key_value_heads: 2,
      num_hidden_layers: 24,
      vocab_size: 151936,
      tie_word_embeddings: true,
    },
    twice: {
      hidden_size: 1344,
      intermediate_size: 7424,
      num_attention_heads: 21,
      num_key_value_heads: 3,
    },
    wide: {
      hidden_size: 1792,
      intermediate_size: 9728,
      num_attention_heads: 28,
      num_key_value_heads: 4,
    },
  },
});

describeSizes(qwen3, {
  "Qwen3-0.6B": {
    config: {
      model_type: "qwen3",
      hidden_size: 1024,
      intermediate_size: 3072,
      num_attention_heads: 16,
      num_key_value_heads: 8,
      head_dim: 128,
      num_hidden_layers: 28,
      vocab_size: 151936,
      tie_word_embeddings: true,
    },
    twice: {
      hidden_size: 1280,
      intermediate_size: 3840,
      num_attention_heads: 20,
      num_hidden_layers: 40,
      num_key_value_heads: 10,
    },
    wide: {
      hidden_size: 2048,
      intermediate_size: 6144,
      num_attention_heads: 32,
      num_key_value_heads: 16,
    },
  },
});
