import type { RawConfig } from "@ligo/core";
import { describeArchitecture, readRecordedCheckpoint, renameTensors } from "@ligo/testkit";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { llama } from "./index.js";

const recorded = (name: string): URL => new URL(`./__fixtures__/${name}/`, import.meta.url);
const size = (value: unknown): number => Number(value);
const doubled = (config: RawConfig, keys: readonly string[]): RawConfig =>
  Object.fromEntries(keys.map((key) => [key, 2 * size(config[key])]));

describeArchitecture(llama, {
  headers,
  checkpoints: await Promise.all(
    [
      "LlamaForCausalLM",
      "LlamaForSequenceClassification",
      "LlamaModel",
      "multi-query",
      "llama3-positions",
      "linear-positions",
      "yarn-positions",
      "MistralForCausalLM",
      "MistralForSequenceClassification",
      "MistralModel",
    ].map((name) => readRecordedCheckpoint(recorded(name))),
  ),
  variants: [
    {
      name: "no prefix, as a bare model has it",
      store: (tensors) => renameTensors(tensors, (name) => name.replace(/^model\./u, "")),
    },
    {
      name: "the prefix of classes with a head",
      className: "LlamaModel",
      store: (tensors) => renameTensors(tensors, (name) => `model.${name}`),
    },
    {
      name: "tables of rotary speeds",
      store: (tensors) =>
        new Map([
          ...tensors,
          [
            "model.layers.0.self_attn.rotary_emb.inv_freq",
            { shape: [1], data: Float32Array.of(1) },
          ],
        ]),
    },
  ],
  wider: (config) => ({
    ...doubled(config, ["hidden_size", "num_attention_heads", "intermediate_size"]),
    ...doubled(config, ["num_key_value_heads"]),
  }),
  deeper: (config) => doubled(config, ["num_hidden_layers"]),
  sizes({ growing, fixed }) {
    const [keyValueHeads, group] = [growing(1, 2), growing(1, 3)];
    return {
      vocab_size: fixed(2, 9),
      hidden_size: keyValueHeads * group * growing(1, 3),
      num_hidden_layers: growing(1, 3),
      num_attention_heads: keyValueHeads * group,
      num_key_value_heads: keyValueHeads,
      head_dim: 2 * growing(1, 3),
      intermediate_size: growing(1, 9),
      num_labels: fixed(1, 4),
    };
  },
});
