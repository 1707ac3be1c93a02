import { describeSizes } from "@ligo/testkit";
import { gpt2 } from "./index.js";

describeSizes(gpt2, {
  "GPT-2": {
    config: { model_type: "gpt2" },
    twice: { n_embd: 1024, n_head: 16, n_layer: 16 },
    wide: { n_embd: 1536, n_head: 24 },
  },
});
