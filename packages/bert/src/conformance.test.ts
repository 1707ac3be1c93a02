import { describeArchitecture, readRecordedCheckpoint, renameTensors } from "@ligo/testkit";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { bert } from "./index.js";

const recorded = (name: string): URL => new URL(`./__fixtures__/${name}`, import.meta.url);
const size = (value: unknown): number => Number(value);

describeArchitecture(bert, {
  headers,
  checkpoints: [
    await readRecordedCheckpoint(recorded("bert-tiny")),
    await readRecordedCheckpoint(recorded("bert-tiny-untied"), {
      // transformers 5 keeps two biases of an untied head apart; the decoder's is the one it adds
      unequalCopies: ["cls.predictions.bias"],
    }),
    await readRecordedCheckpoint(recorded("BertForQuestionAnswering"), {
      // they shift the logits of all tokens alike
      zeroGradients: ["qa_outputs.bias", "bert.encoder.layer.1.output.LayerNorm.bias"],
    }),
    await readRecordedCheckpoint(recorded("BertForSequenceClassification")),
    await readRecordedCheckpoint(recorded("regression")),
  ],
  variants: [
    {
      name: "gamma and beta",
      store: (tensors) =>
        renameTensors(tensors, (name) =>
          name
            .replace(/LayerNorm\.weight$/u, "LayerNorm.gamma")
            .replace(/LayerNorm\.bias$/u, "LayerNorm.beta"),
        ),
    },
    {
      name: "no prefix",
      store: (tensors) => renameTensors(tensors, (name) => name.replace(/^bert\./u, "")),
    },
    {
      name: "the prefix of classes with a head",
      className: "BertModel",
      store: (tensors) => renameTensors(tensors, (name) => `bert.${name}`),
    },
    {
      name: "saved position ids",
      store: (tensors) =>
        new Map([
          ...tensors,
          ["bert.embeddings.position_ids", { shape: [1, 2], data: Int32Array.of(0, 1) }],
        ]),
    },
    {
      name: "an untied head's bias under the head's name alone",
      config: { tie_word_embeddings: false },
      store: (tensors) =>
        renameTensors(tensors, (name) =>
          name === "cls.predictions.decoder.bias" ? undefined : name,
        ),
    },
  ],
  wider: (config) => ({
    hidden_size: 2 * size(config["hidden_size"]),
    num_attention_heads: 2 * size(config["num_attention_heads"]),
    intermediate_size: 2 * size(config["intermediate_size"]),
  }),
  deeper: (config) => ({ num_hidden_layers: 2 * size(config["num_hidden_layers"]) }),
  sizes({ growing, fixed }) {
    const [heads, headSize] = [growing(1, 3), growing(1, 4)];
    return {
      vocab_size: fixed(2, 9),
      hidden_size: heads * headSize,
      num_hidden_layers: growing(1, 3),
      num_attention_heads: heads,
      intermediate_size: growing(1, 9),
      max_position_embeddings: fixed(2, 6),
      type_vocab_size: fixed(1, 3),
      num_labels: fixed(1, 4),
    };
  },
});
