import { createRandom, type RawConfig } from "@ligo/core";
import { describeLosslessFresh, type FixtureTensor } from "@ligo/testkit";
import { deit } from "./index.js";

const small: RawConfig = {
  model_type: "deit",
  architectures: ["DeiTForImageClassification"],
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 12,
  image_size: 4,
  patch_size: 2,
  layer_norm_eps: 1e-3,
  num_labels: 3,
};
const { normal } = createRandom(5);

describeLosslessFresh(deit, {
  small,
  inputs: new Map<string, FixtureTensor>([
    ["pixel_values", { shape: [2, 3, 4, 4], data: Float32Array.from({ length: 96 }, normal) }],
    ["labels", { shape: [2], data: Int32Array.of(0, 2) }],
  ]),
  growth: { hidden_size: 15, num_attention_heads: 3, num_hidden_layers: 3, intermediate_size: 19 },
});
