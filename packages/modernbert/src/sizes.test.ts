import { describeSizes } from "@ligo/testkit";
import { modernBert } from "./index.js";

describeSizes(modernBert, {
  "ModernBERT-base": {
    config: { model_type: "modernbert" },
    twice: {
      hidden_size: 1024,
      intermediate_size: 1536,
      num_attention_heads: 16,
      num_hidden_layers: 28,
    },
    wide: { hidden_size: 1536, intermediate_size: 2304, num_attention_heads: 24 },
  },
});
