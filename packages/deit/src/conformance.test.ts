import { describeArchitecture, readRecordedCheckpoint, renameTensors } from "@ligo/testkit";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { fromMemory, fromTimm } from "./__fixtures__/names.js";
import { deit } from "./index.js";

const read = (
  name: string,
  options: { readonly objective?: string } = {},
): ReturnType<typeof readRecordedCheckpoint> =>
  readRecordedCheckpoint(new URL(`./__fixtures__/${name}`, import.meta.url), options);
const size = (value: unknown): number => Number(value);

describeArchitecture(deit, {
  headers,
  checkpoints: await Promise.all([
    read("deit-tiny"),
    read("deit-tiny-onehead"),
    read("deit-hard", { objective: "hard-distillation" }),
    read("deit-soft", { objective: "soft-distillation" }),
    read("deit-model"),
    read("deit-masked"),
    read("deit-timm"),
  ]),
  variants: [
    { name: "transformers 5 in memory", store: fromMemory },
    { name: "transformers 5 in memory, the bare model", className: "DeiTModel", store: fromMemory },
    { name: "timm", store: fromTimm },
    { name: "timm, one head", className: "DeiTForImageClassification", store: fromTimm },
    { name: "timm without biases", config: { qkv_bias: false }, store: fromTimm },
    {
      name: "the prefix of classes with a head",
      className: "DeiTModel",
      store: (tensors) => renameTensors(tensors, (name) => `deit.${name}`),
    },
    {
      name: "a classifier's file for the bare model",
      className: "DeiTModel",
      store: (tensors) =>
        new Map([...tensors, ["classifier.bias", { shape: [2], data: Float32Array.of(1, 2) }]]),
    },
  ],
  wider: (config) => ({
    hidden_size: 2 * size(config["hidden_size"]),
    num_attention_heads: 2 * size(config["num_attention_heads"]),
    intermediate_size: 2 * size(config["intermediate_size"]),
    pooler_output_size: 2 * size(config["pooler_output_size"] ?? config["hidden_size"]),
  }),
  deeper: (config) => ({ num_hidden_layers: 2 * size(config["num_hidden_layers"]) }),
  sizes({ growing, fixed }) {
    const [heads, headSize, patch] = [growing(1, 3), growing(1, 4), fixed(1, 3)];
    return {
      hidden_size: heads * headSize,
      num_hidden_layers: growing(1, 3),
      num_attention_heads: heads,
      intermediate_size: growing(1, 9),
      image_size: patch * fixed(1, 3),
      patch_size: patch,
      num_channels: fixed(1, 3),
      encoder_stride: fixed(1, 3),
      num_labels: fixed(1, 4),
    };
  },
});
