import { describeArchitecture, readRecordedCheckpoint, renameTensors } from "@ligo/testkit";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { gpt2 } from "./index.js";

const recorded = (name: string): URL => new URL(`./__fixtures__/${name}/`, import.meta.url);
const size = (value: unknown): number => Number(value);

describeArchitecture(gpt2, {
  headers,
  checkpoints: [
    // the first has a token for padding, without which a classifier takes one text at a time
    await readRecordedCheckpoint(recorded("GPT2LMHeadModel")),
    await readRecordedCheckpoint(recorded("gpt2-tiny")),
    await readRecordedCheckpoint(recorded("GPT2ForSequenceClassification")),
    await readRecordedCheckpoint(recorded("GPT2Model")),
    await readRecordedCheckpoint(recorded("regression")),
  ],
  variants: [
    {
      name: "no prefix, as the first release has it",
      store: (tensors) => renameTensors(tensors, (name) => name.replace(/^transformer\./u, "")),
    },
    {
      name: "the prefix of classes with a head",
      className: "GPT2Model",
      store: (tensors) => renameTensors(tensors, (name) => `transformer.${name}`),
    },
    {
      name: "causal masks",
      store: (tensors) =>
        new Map([
          ...tensors,
          ["transformer.h.0.attn.bias", { shape: [1, 1, 2, 2], data: Int32Array.of(1, 0, 1, 1) }],
          ["h.0.attn.masked_bias", { shape: [], data: Float32Array.of(-1e4) }],
        ]),
    },
    {
      name: "a tied head that is saved",
      store(tensors) {
        const table = tensors.get("transformer.wte.weight");
        return table === undefined ? tensors : new Map([...tensors, ["lm_head.weight", table]]);
      },
    },
    {
      name: "a language model's head beside a bare model",
      className: "GPT2Model",
      store: (tensors) =>
        new Map([...tensors, ["lm_head.weight", { shape: [1, 1], data: Float32Array.of(1) }]]),
    },
  ],
  wider: (config) => ({
    n_embd: 2 * size(config["n_embd"]),
    n_head: 2 * size(config["n_head"]),
    ...(typeof config["n_inner"] === "number" ? { n_inner: 2 * config["n_inner"] } : {}),
  }),
  deeper: (config) => ({ n_layer: 2 * size(config["n_layer"]) }),
  sizes({ growing, fixed }) {
    const [heads, headSize] = [growing(1, 3), growing(1, 4)];
    return {
      vocab_size: fixed(2, 9),
      n_embd: heads * headSize,
      n_layer: growing(1, 3),
      n_head: heads,
      n_inner: growing(1, 9),
      n_positions: fixed(2, 6),
      num_labels: fixed(1, 4),
    };
  },
});
