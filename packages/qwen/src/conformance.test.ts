import type { RawConfig } from "@ligo/core";
import {
  describeArchitecture,
  readRecordedCheckpoint,
  renameTensors,
  type ArchitectureFixtures,
  type RecordedCheckpoint,
} from "@ligo/testkit";
import qwen2Headers from "./__fixtures__/qwen2/headers.json" with { type: "json" };
import qwen3Headers from "./__fixtures__/qwen3/headers.json" with { type: "json" };
import { qwen2, qwen3 } from "./index.js";

const read = (names: readonly string[]): Promise<readonly RecordedCheckpoint[]> =>
  Promise.all(
    names.map((name) =>
      readRecordedCheckpoint(new URL(`./__fixtures__/${name}/`, import.meta.url)),
    ),
  );
const doubled = (config: RawConfig, ...keys: readonly string[]): RawConfig =>
  Object.fromEntries(keys.map((key) => [key, 2 * Number(config[key])]));

const common: Pick<ArchitectureFixtures, "wider" | "deeper" | "sizes" | "variants"> = {
  variants: [
    {
      name: "no prefix, as a bare model has it",
      store: (tensors) => renameTensors(tensors, (name) => name.replace(/^model\./u, "")),
    },
  ],
  wider: (config) =>
    doubled(
      config,
      "hidden_size",
      "num_attention_heads",
      "num_key_value_heads",
      "intermediate_size",
    ),
  deeper: ({ layer_types: types, ...config }) => ({
    ...doubled(config, "num_hidden_layers"),
    ...(Array.isArray(types) ? { layer_types: [types, types].flat() } : {}),
  }),
  sizes({ growing, fixed }) {
    const [keyValueHeads, group, size] = [growing(1, 2), growing(1, 3), growing(1, 2)];
    const heads = keyValueHeads * group;
    return {
      vocab_size: fixed(2, 9),
      hidden_size: heads * 2 * size,
      num_hidden_layers: growing(1, 3),
      num_attention_heads: heads,
      num_key_value_heads: keyValueHeads,
      head_dim: 2 * size,
      intermediate_size: growing(1, 9),
      num_labels: fixed(1, 4),
    };
  },
};

describeArchitecture(qwen2, {
  ...common,
  headers: qwen2Headers,
  checkpoints: await read([
    "qwen2/Qwen2ForCausalLM",
    "qwen2/tied",
    "qwen2/window",
    "qwen2/Qwen2ForSequenceClassification",
    "qwen2/Qwen2Model",
  ]),
});

describeArchitecture(qwen3, {
  ...common,
  headers: qwen3Headers,
  checkpoints: await read([
    "qwen3/Qwen3ForCausalLM",
    "qwen3/multi-query",
    "qwen3/window",
    "qwen3/Qwen3ForSequenceClassification",
    "qwen3/Qwen3Model",
  ]),
});
