import { describeSizes } from "@ligo/testkit";
import { bert } from "./index.js";

describeSizes(bert, {
  "BERT-Base": {
    config: { model_type: "bert" },
    twice: {
      hidden_size: 1024,
      intermediate_size: 4096,
      num_attention_heads: 16,
      num_hidden_layers: 15,
    },
    wide: { hidden_size: 1536, intermediate_size: 6144, num_attention_heads: 24 },
  },
  "all-MiniLM-L6-v2": {
    config: {
      model_type: "bert",
      hidden_size: 384,
      intermediate_size: 1536,
      num_attention_heads: 12,
      num_hidden_layers: 6,
    },
    twice: {
      hidden_size: 512,
      intermediate_size: 2048,
      num_attention_heads: 16,
      num_hidden_layers: 9,
    },
    wide: { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 24 },
  },
});
