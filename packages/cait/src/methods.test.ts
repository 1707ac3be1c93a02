import { createRandom } from "@ligo/core";
import {
  describeGradmax,
  describeLosslessFresh,
  describeMethods,
  type FixtureTensor,
} from "@ligo/testkit";
import { cait } from "./index.js";

const small = {
  model_type: "cait",
  architectures: ["Cait"],
  img_size: 4,
  patch_size: 2,
  embed_dim: 8,
  depth: 2,
  depth_token_only: 1,
  num_heads: 2,
  num_classes: 3,
};
const { normal } = createRandom(5);
const inputs = new Map([
  ["pixel_values", { shape: [2, 3, 4, 4], data: Float32Array.from({ length: 96 }, normal) }],
]);
const growths = {
  "twice the width": { embed_dim: 16, num_heads: 4 },
  "half again the width": { embed_dim: 12, num_heads: 3 },
  "larger heads": { embed_dim: 16 },
  "more layers": { depth: 5, depth_token_only: 2 },
  nothing: {},
} as const;

describeMethods(cait, { small, inputs, growths });

const odd = {
  small,
  inputs: new Map<string, FixtureTensor>([
    ...inputs,
    ["labels", { shape: [2], data: Int32Array.of(0, 2) }],
  ]),
  growth: { embed_dim: 15, num_heads: 3, depth: 3, depth_token_only: 2 },
};
describeLosslessFresh(cait, odd);
describeGradmax(cait, odd);
