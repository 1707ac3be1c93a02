import { describeSizes } from "@ligo/testkit";
import { gemma2, gemma3 } from "./index.js";

describeSizes(gemma2, {
  "Gemma 2 2B": {
    config: {
      model_type: "gemma2",
      hidden_size: 2304,
      intermediate_size: 9216,
      num_attention_heads: 8,
      num_key_value_heads: 4,
      head_dim: 256,
      num_hidden_layers: 26,
      vocab_size: 256000,
    },
    twice: {
      hidden_size: 2880,
      intermediate_size: 11520,
      num_attention_heads: 10,
      num_hidden_layers: 37,
      num_key_value_heads: 5,
    },
    wide: {
      hidden_size: 4608,
      intermediate_size: 18432,
      num_attention_heads: 16,
      num_key_value_heads: 8,
    },
  },
});

describeSizes(gemma3, {
  "Gemma 3 1B": {
    config: {
      model_type: "gemma3_text",
      hidden_size: 1152,
      intermediate_size: 6912,
      num_attention_heads: 4,
      num_key_value_heads: 1,
      head_dim: 256,
      num_hidden_layers: 26,
      vocab_size: 262144,
    },
    twice: { hidden_size: 1728, intermediate_size: 10496, num_attention_heads: 6 },
    wide: { hidden_size: 2304, intermediate_size: 13824, num_attention_heads: 8 },
  },
});
