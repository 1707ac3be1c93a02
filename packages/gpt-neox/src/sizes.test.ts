import { describeSizes } from "@ligo/testkit";
import { gptNeoX } from "./index.js";

describeSizes(gptNeoX, {
  "Pythia-160M": {
    config: {
      model_type: "gpt_neox",
      hidden_size: 768,
      intermediate_size: 3072,
      num_attention_heads: 12,
      num_hidden_layers: 12,
      rotary_pct: 0.25,
      vocab_size: 50304,
    },
    twice: {
      hidden_size: 1024,
      intermediate_size: 4096,
      num_attention_heads: 16,
      num_hidden_layers: 17,
    },
    wide: { hidden_size: 1536, intermediate_size: 6144, num_attention_heads: 24 },
  },
});
