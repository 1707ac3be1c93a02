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
import { longestSequence, type RobertaConfig } from "./config.js";
import { embeddingNames, embeddingNorm, headNames, layerNames } from "./names.js";
import { positionIds } from "@ligo/nn";

/** The forward pass of RoBERTa. Activations are [batch * sequence, n] throughout. */
export function robertaModel(config: RobertaConfig, className: string): Model {
  const epsilon = config.layer_norm_eps;
  const options: TransformerStackOptions = {
    names: layerNames,
    layers: config.num_hidden_layers,
    norm: "post",
    // the class token
    wholeTokens: 1,
    heads: config.num_attention_heads,
    epsilon,
    activation: (x) => activate(x, config.hidden_act),
    dropout: {
      attention: config.attention_probs_dropout_prob,
      branch: config.hidden_dropout_prob,
    },
  };
  /** What the layers get and give, each [batch * sequence, hidden]. */
  const states = (p: Parameters, given: Batch, padding?: number): readonly tf.Tensor2D[] => {
    const ids = inputIds(given);
    const [batch, sequence] = ids.shape;
    const seen = given["attention_mask"] as tf.Tensor2D | undefined;
    const embedded = textEmbeddings(p, embeddingNames, given, {
      positions: positionIds(ids, config.pad_token_id),
      padding,
    });
    const first = normalise(p, embeddingNorm, embedded, epsilon);
    const mask = seen && paddingMask(seen);
    const x = dropout(p, first, config.hidden_dropout_prob);
    return transformerStates(p, x, options, { batch, sequence, mask });
  };
  const encode = (p: Parameters, batch: Batch, padding?: number): tf.Tensor2D =>
    states(p, batch, padding).at(-1) as tf.Tensor2D;
  /** [rows, vocabulary] from hidden states [rows, hidden]. The head's activation is GELU whatever the layers' is. */
  const predict = (p: Parameters, hidden: tf.Tensor2D): tf.Tensor2D =>
    maskedLmLogits(p, headNames, hidden, {
      activation: (x) => activate(x, "gelu"),
      epsilon,
      tiedTo: config.tie_word_embeddings ? embeddingNames.word : undefined,
    });
  /** tanh of a linear layer on the first tokens: [batch, pooler]. */
  const pool = (p: Parameters, name: string, first: tf.Tensor2D): tf.Tensor2D =>
    project(p, name, first).tanh();
  const classify = (p: Parameters, batch: Batch): tf.Tensor2D => {
    const drop = (x: tf.Tensor2D): tf.Tensor2D =>
      dropout(p, x, config.classifier_dropout ?? config.hidden_dropout_prob);
    const first = drop(firstTokens(encode(p, batch), batch));
    return project(p, "classifier.out_proj", drop(pool(p, "classifier.dense", first)));
  };

  const sizes = {
    vocabulary: config.vocab_size,
    positions: longestSequence(config),
    types: config.type_vocab_size,
  };
  const common: Pick<Model, "inputs" | "skipping" | "hiddenStates"> = {
    inputs: tokenInputs(sizes),
    skipping: { wholeTokens: options.wholeTokens ?? 0 },
    hiddenStates: (p, batch) => ({ encoder: states(p, batch) }),
  };
  const models: Readonly<Record<string, Model>> = {
    RobertaForMaskedLM: {
      ...common,
      inputs: { ...common.inputs, ...tokenLabels(sizes) },
      forward: (p, batch) => ({ logits: perToken(predict(p, encode(p, batch)), batch) }),
      objectives: {
        "masked-lm": maskedLanguageModelling((p, batch, positions) => {
          const hidden = encode(p, batch);
          return predict(p, positions ? gatherRows(positions, hidden) : hidden);
        }),
      },
    },
    RobertaForQuestionAnswering: {
      ...common,
      ...questionAnswerer(config, common.inputs, (p, batch) =>
        // the answer's cross-entropy is over padding too
        project(p, "qa_outputs", encode(p, batch, config.pad_token_id)),
      ),
    },
    RobertaForSequenceClassification: {
      ...common,
      ...textClassifier(config, common.inputs, classify),
      forward: (p, batch) => ({ logits: classify(p, batch) }),
    },
    RobertaModel: {
      ...common,
      forward(p, batch) {
        const hidden = encode(p, batch);
        return {
          last_hidden_state: perToken(hidden, batch),
          pooler_output: pool(p, "roberta.pooler.dense", firstTokens(hidden, batch)),
        };
      },
      objectives: {},
    },
  };
  return models[className] as Model;
}
