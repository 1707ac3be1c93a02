import { describeArchitecture, readRecordedCheckpoint, renameTensors } from "@ligo/testkit";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { gptNeoX } from "./index.js";

const recorded = (name: string): URL => new URL(`./__fixtures__/${name}/`, import.meta.url);
const size = (value: unknown): number => Number(value);

describeArchitecture(gptNeoX, {
  headers,
  checkpoints: [
    await readRecordedCheckpoint(recorded("GPTNeoXForCausalLM")),
    await readRecordedCheckpoint(recorded("sequential")),
    await readRecordedCheckpoint(recorded("tied")),
    await readRecordedCheckpoint(recorded("GPTNeoXForSequenceClassification")),
    await readRecordedCheckpoint(recorded("GPTNeoXModel")),
  ],
  variants: [
    {
      name: "no prefix",
      store: (tensors) => renameTensors(tensors, (name) => name.replace(/^gpt_neox\./u, "")),
    },
    {
      name: "the prefix of classes with a head",
      className: "GPTNeoXModel",
      store: (tensors) => renameTensors(tensors, (name) => `gpt_neox.${name}`),
    },
    {
      name: "masks and speeds of old files",
      store: (tensors) =>
        new Map([
          ...tensors,
          [
            "gpt_neox.layers.0.attention.bias",
            { shape: [1, 1, 2, 2], data: Int32Array.of(1, 0, 1, 1) },
          ],
          ["gpt_neox.layers.0.attention.masked_bias", { shape: [], data: Float32Array.of(-1e9) }],
          [
            "gpt_neox.layers.0.attention.rotary_emb.inv_freq",
            { shape: [1], data: Float32Array.of(1) },
          ],
        ]),
    },
  ],
  wider: (config) => ({
    hidden_size: 2 * size(config["hidden_size"]),
    num_attention_heads: 2 * size(config["num_attention_heads"]),
    intermediate_size: 2 * size(config["intermediate_size"]),
  }),
  deeper: (config) => ({ num_hidden_layers: 2 * size(config["num_hidden_layers"]) }),
  sizes({ growing, fixed }) {
    const [heads, quarters] = [growing(1, 3), growing(1, 2)];
    return {
      vocab_size: fixed(2, 9),
      hidden_size: heads * quarters * 8,
      num_hidden_layers: growing(1, 3),
      num_attention_heads: heads,
      intermediate_size: growing(1, 9),
      max_position_embeddings: fixed(2, 6),
      num_labels: fixed(1, 4),
    };
  },
});
