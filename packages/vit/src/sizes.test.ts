import { describeSizes } from "@ligo/testkit";
import { vit } from "./index.js";

describeSizes(vit, {
  "ViT-Base": {
    config: { model_type: "vit" },
    twice: {
      hidden_size: 960,
      intermediate_size: 3840,
      num_attention_heads: 15,
      num_hidden_layers: 15,
    },
    wide: { hidden_size: 1536, intermediate_size: 6144, num_attention_heads: 24 },
  },
});
