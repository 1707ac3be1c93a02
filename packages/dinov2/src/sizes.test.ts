import { describeSizes } from "@ligo/testkit";
import { dinov2 } from "./index.js";

describeSizes(dinov2, {
  "DINOv2-small": {
    config: {
      model_type: "dinov2",
      hidden_size: 384,
      num_attention_heads: 6,
      num_hidden_layers: 12,
      mlp_ratio: 4,
      image_size: 518,
      patch_size: 14,
    },
    twice: { hidden_size: 512, num_attention_heads: 8, num_hidden_layers: 14 },
    wide: { hidden_size: 768, num_attention_heads: 12 },
  },
});
