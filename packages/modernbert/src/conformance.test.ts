import { describeArchitecture, readRecordedCheckpoint, renameTensors } from "@ligo/testkit";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { modernBert } from "./index.js";

const recorded = (name: string): URL => new URL(`./__fixtures__/${name}/`, import.meta.url);
const size = (value: unknown): number => Number(value);

describeArchitecture(modernBert, {
  headers,
  checkpoints: [
    await readRecordedCheckpoint(recorded("ModernBertForMaskedLM")),
    await readRecordedCheckpoint(recorded("untied")),
    await readRecordedCheckpoint(recorded("ModernBertForSequenceClassification")),
    await readRecordedCheckpoint(recorded("mean")),
    await readRecordedCheckpoint(recorded("ModernBertModel")),
  ],
  variants: [
    {
      name: "no prefix",
      store: (tensors) => renameTensors(tensors, (name) => name.replace(/^model\./u, "")),
    },
    {
      name: "the prefix of classes with a head",
      className: "ModernBertModel",
      store: (tensors) => renameTensors(tensors, (name) => `model.${name}`),
    },
  ],
  wider: (config) => ({
    hidden_size: 2 * size(config["hidden_size"]),
    num_attention_heads: 2 * size(config["num_attention_heads"]),
    intermediate_size: 2 * size(config["intermediate_size"]),
  }),
  deeper: ({ layer_types: types, num_hidden_layers: layers }) => ({
    num_hidden_layers: 2 * size(layers),
    // every layer is followed by one of its kind
    ...(Array.isArray(types)
      ? { layer_types: types.flatMap((type: unknown) => [type, type]) }
      : {}),
  }),
  sizes({ growing, fixed }) {
    const heads = growing(1, 3);
    return {
      vocab_size: fixed(2, 9),
      hidden_size: heads * 2 * growing(1, 2),
      num_hidden_layers: growing(2, 4),
      num_attention_heads: heads,
      intermediate_size: growing(1, 9),
      max_position_embeddings: fixed(2, 6),
      num_labels: fixed(1, 4),
    };
  },
});
