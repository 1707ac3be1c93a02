import {
  activate,
  dropout,
  firstTokens,
  gatherRows,
  inputIds,
  maskedLanguageModelling,
  maskedLmLogits,
  normalise,
  paddingMask,
  perToken,
  project,
  questionAnswerer,
  textClassifier,
  textEmbeddings,
  tokenInputs,
  tokenLabels,
  transformerStates,
  type Batch,
  type Model,
  type Parameters,
  type TransformerStackOptions,
} from "@ligo/nn";
import type * as tf from "@tensorflow/tfjs";
import type { BertConfig } from "./config.js";
import { embeddingNames, embeddingNorm, headNames, layerNames } from "./names.js";

/** The forward pass of BERT. Activations are [batch * sequence, n] throughout. */
export function bertModel(config: BertConfig, className: string): Model {
  const options: TransformerStackOptions = {
    names: layerNames,
    layers: config.num_hidden_layers,
    norm: "post",
    // the class token
    wholeTokens: 1,
    heads: config.num_attention_heads,
    epsilon: config.layer_norm_eps,
    activation: (x) => activate(x, config.hidden_act),
    dropout: {
      attention: config.attention_probs_dropout_prob,
      branch: config.hidden_dropout_prob,
    },
  };
  /** What the layers get and give, each [batch * sequence, hidden]. */
  const states = (p: Parameters, given: Batch, padding?: number): readonly tf.Tensor2D[] => {
    const [batch, sequence] = inputIds(given).shape;
    const seen = given["attention_mask"] as tf.Tensor2D | undefined;
    const embedded = textEmbeddings(p, embeddingNames, given, { padding });
    const first = normalise(p, embeddingNorm, embedded, config.layer_norm_eps);
    const mask = seen && paddingMask(seen);
    const x = dropout(p, first, config.hidden_dropout_prob);
    return transformerStates(p, x, options, { batch, sequence, mask });
  };
  const encode = (p: Parameters, batch: Batch, padding?: number): tf.Tensor2D =>
    states(p, batch, padding).at(-1) as tf.Tensor2D;
  /** [rows, vocabulary] from hidden states [rows, hidden]. */
  const predict = (p: Parameters, hidden: tf.Tensor2D): tf.Tensor2D =>
    maskedLmLogits(p, headNames, hidden, {
      ...options,
      tiedTo: config.tie_word_embeddings ? embeddingNames.word : undefined,
    });
  /** tanh of a linear layer on the first token: [batch, pooler]. */
  const pool = (p: Parameters, hidden: tf.Tensor2D, batch: Batch): tf.Tensor2D =>
    project(p, "bert.pooler.dense", firstTokens(hidden, batch)).tanh();
  const classify = (p: Parameters, batch: Batch): tf.Tensor2D => {
    const pooled = pool(p, encode(p, batch), batch);
    const rate = config.classifier_dropout ?? config.hidden_dropout_prob;
    return project(p, "classifier", dropout(p, pooled, rate));
  };

  const maskedLm = maskedLanguageModelling((p, batch, positions) => {
    const hidden = encode(p, batch);
    return predict(p, positions ? gatherRows(positions, hidden) : hidden);
  });
  const sizes = {
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
    types: config.type_vocab_size,
  };
  const common: Pick<Model, "inputs" | "skipping" | "hiddenStates"> = {
    inputs: tokenInputs(sizes),
    skipping: { wholeTokens: options.wholeTokens ?? 0 },
    hiddenStates: (p, batch) => ({ encoder: states(p, batch) }),
  };
  const predicting = {
    ...common,
    inputs: { ...common.inputs, ...tokenLabels(sizes) },
    objectives: { "masked-lm": maskedLm },
  };
  const models: Readonly<Record<string, Model>> = {
    BertForMaskedLM: {
      ...predicting,
      forward: (p, batch) => ({ logits: perToken(predict(p, encode(p, batch)), batch) }),
    },
    BertForPreTraining: {
      ...predicting,
      forward(p, batch) {
        const hidden = encode(p, batch);
        return {
          prediction_logits: perToken(predict(p, hidden), batch),
          seq_relationship_logits: project(p, "cls.seq_relationship", pool(p, hidden, batch)),
        };
      },
    },
    BertForQuestionAnswering: {
      ...common,
      ...questionAnswerer(config, common.inputs, (p, batch) =>
        // the answer's cross-entropy is over padding too
        project(p, "qa_outputs", encode(p, batch, config.pad_token_id ?? undefined)),
      ),
    },
    BertForSequenceClassification: {
      ...common,
      ...textClassifier(config, common.inputs, classify),
      forward: (p, batch) => ({ logits: classify(p, batch) }),
    },
    BertModel: {
      ...common,
      forward(p, batch) {
        const hidden = encode(p, batch);
        return {
          last_hidden_state: perToken(hidden, batch),
          pooler_output: pool(p, hidden, batch),
        };
      },
      objectives: {},
    },
  };
  return models[className] as Model;
}
