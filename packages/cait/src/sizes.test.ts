import { describeSizes } from "@ligo/testkit";
import { cait } from "./index.js";

describeSizes(cait, {
  "CaiT-S24": {
    config: { model_type: "cait", embed_dim: 384, num_heads: 8, depth: 24 },
    twice: { depth: 50 },
    wide: { embed_dim: 768, num_heads: 16 },
  },
});
