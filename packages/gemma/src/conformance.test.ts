import type { RawConfig } from "@ligo/core";
import {
  describeArchitecture,
  readRecordedCheckpoint,
  renameTensors,
  type ArchitectureFixtures,
  type RecordedCheckpoint,
} from "@ligo/testkit";
import gemma2Headers from "./__fixtures__/gemma2/headers.json" with { type: "json" };
import gemma3Headers from "./__fixtures__/gemma3/headers.json" with { type: "json" };
import { gemma2, gemma3 } from "./index.js";

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

describeArchitecture(gemma2, {
  ...common,
  headers: gemma2Headers,
  checkpoints: await read([
    "gemma2/Gemma2ForCausalLM",
    "gemma2/no-caps",
    "gemma2/Gemma2ForSequenceClassification",
    "gemma2/Gemma2Model",
  ]),
});

describeArchitecture(gemma3, {
  ...common,
  headers: gemma3Headers,
  checkpoints: await read([
    "gemma3/Gemma3ForCausalLM",
    "gemma3/multi-query",
    "gemma3/Gemma3TextForSequenceClassification",
    "gemma3/Gemma3TextModel",
  ]),
});
