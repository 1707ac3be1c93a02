import { createRandom } from "@ligo/core";
import {
  describeGradmax,
  describeLosslessFresh,
  describeMethods,
  type FixtureTensor,
} from "@ligo/testkit";
import { vit } from "./index.js";

const small = {
  model_type: "vit",
  architectures: ["ViTForImageClassification"],
  image_size: 4,
  patch_size: 2,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 12,
  num_labels: 3,
};
const { normal } = createRandom(5);
const inputs = new Map([
  ["pixel_values", { shape: [2, 3, 4, 4], data: Float32Array.from({ length: 96 }, normal) }],
]);
const growths = {
  "twice the width": { hidden_size: 16, num_attention_heads: 4, intermediate_size: 24 },
  "half again the width": { hidden_size: 12, num_attention_heads: 3, intermediate_size: 19 },
  "a wider MLP": { intermediate_size: 17 },
  "larger heads": { hidden_size: 16 },
  "more layers": { num_hidden_layers: 5 },
  "all of it": {
    hidden_size: 20,
    num_attention_heads: 5,
    intermediate_size: 31,
    num_hidden_layers: 3,
  },
  nothing: {},
} as const;

describeMethods(vit, { small, inputs, growths });

const odd = {
  small,
  inputs: new Map<string, FixtureTensor>([
    ...inputs,
    ["labels", { shape: [2], data: Int32Array.of(0, 2) }],
  ]),
  growth: { hidden_size: 15, num_attention_heads: 3, intermediate_size: 19, num_hidden_layers: 3 },
};
describeLosslessFresh(vit, odd);
describeGradmax(vit, { ...odd, growth: { ...odd.growth, intermediate_size: 15 } });
