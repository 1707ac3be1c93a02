import { createRandom, type RawConfig } from "@ligo/core";
import {
  describeGradmax,
  describeLosslessFresh,
  describeMethods,
  type FixtureTensor,
} from "@ligo/testkit";
import { dinov2 } from "./index.js";

const small: RawConfig = {
  model_type: "dinov2",
  architectures: ["Dinov2ForImageClassification"],
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  mlp_ratio: 2,
  image_size: 4,
  patch_size: 2,
  layer_norm_eps: 1e-3,
  num_labels: 3,
};
const { normal } = createRandom(5);
const pixels = { shape: [2, 3, 4, 4], data: Float32Array.from({ length: 96 }, normal) };

describeMethods(dinov2, {
  small,
  inputs: new Map([["pixel_values", pixels]]),
  growths: {
    "half again the width": { hidden_size: 12, num_attention_heads: 3 },
    "larger heads, gated": { hidden_size: 14 },
    "more layers": { num_hidden_layers: 3 },
  },
});

const odd = {
  small,
  inputs: new Map<string, FixtureTensor>([
    ["pixel_values", pixels],
    ["labels", { shape: [2], data: Int32Array.of(0, 2) }],
  ]),
  growth: { hidden_size: 15, num_attention_heads: 3, num_hidden_layers: 3 },
  // no image is masked
  flat: /mask_token/u,
};
describeLosslessFresh(dinov2, odd);
describeGradmax(dinov2, odd);
