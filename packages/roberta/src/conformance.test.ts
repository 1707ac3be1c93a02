import { describeArchitecture, readRecordedCheckpoint, renameTensors } from "@ligo/testkit";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { roberta } from "./index.js";

const recorded = (name: string): URL => new URL(`./__fixtures__/${name}/`, import.meta.url);
const size = (value: unknown): number => Number(value);

describeArchitecture(roberta, {
  headers,
  checkpoints: [
    await readRecordedCheckpoint(recorded("roberta-tiny")),
    await readRecordedCheckpoint(recorded("RobertaForMaskedLM"), {
      // transformers 5 keeps two biases of an untied head apart; the decoder's is the one it adds
      unequalCopies: ["lm_head.bias"],
    }),
    await readRecordedCheckpoint(recorded("RobertaForQuestionAnswering"), {
      // they shift the logits of all tokens alike
      zeroGradients: ["qa_outputs.bias", "roberta.encoder.layer.1.output.LayerNorm.bias"],
    }),
    await readRecordedCheckpoint(recorded("RobertaForSequenceClassification")),
    await readRecordedCheckpoint(recorded("RobertaModel")),
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
      store: (tensors) => renameTensors(tensors, (name) => name.replace(/^roberta\./u, "")),
    },
    {
      name: "the prefix of classes with a head",
      className: "RobertaModel",
      store: (tensors) => renameTensors(tensors, (name) => `roberta.${name}`),
    },
    {
      name: "saved position ids, a pooler beside the head",
      store: (tensors) =>
        new Map([
          ...tensors,
          ["roberta.embeddings.position_ids", { shape: [1, 2], data: Int32Array.of(0, 1) }],
          ["roberta.pooler.dense.bias", { shape: [2], data: Float32Array.of(0, 1) }],
        ]),
    },
    {
      name: "a tied head that is saved under its oldest name",
      store(tensors) {
        const table = tensors.get("roberta.embeddings.word_embeddings.weight");
        return table === undefined ? tensors : new Map([...tensors, ["lm_head.weight", table]]);
      },
    },
    {
      name: "an untied head under its oldest names",
      config: { tie_word_embeddings: false },
      store: (tensors) =>
        renameTensors(tensors, (name) => {
          if (name === "lm_head.decoder.bias") return undefined;
          return name === "lm_head.decoder.weight" ? "lm_head.weight" : name;
        }),
    },
    {
      name: "heads beside a bare model",
      className: "RobertaModel",
      store: (tensors) =>
        new Map([
          ...tensors,
          ["lm_head.bias", { shape: [2], data: Float32Array.of(0, 1) }],
          ["classifier.dense.bias", { shape: [2], data: Float32Array.of(0, 1) }],
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
    const [heads, headSize] = [growing(1, 3), growing(1, 4)];
    return {
      vocab_size: fixed(2, 9),
      hidden_size: heads * headSize,
      num_hidden_layers: growing(1, 3),
      num_attention_heads: heads,
      intermediate_size: growing(1, 9),
      max_position_embeddings: fixed(4, 8),
      type_vocab_size: fixed(1, 3),
      num_labels: fixed(1, 4),
    };
  },
});
