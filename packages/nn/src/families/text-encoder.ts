import {
  textPositions,
  type ActivationName,
  type FirstPosition,
  type TextEncoderConfig,
  type TextEncoderNames,
} from "@ligo/core/layout";
import type * as tf from "@ligo/tfjs";
import { activate } from "../blocks/activation.js";
import { paddingMask } from "../blocks/attention.js";
import { dropout } from "../blocks/dropout.js";
import { maskedLmLogits, normalise, project } from "../blocks/named-layers.js";
import { transformerStates } from "../blocks/transformer-layer.js";
import { textClassifier } from "../heads/labelled-text.js";
import { maskedLanguageModel } from "../heads/masked-lm.js";
import { questionAnswerer } from "../heads/question-answering.js";
import { tokenInputs } from "../inputs/model-inputs.js";
import { positionIds } from "../inputs/position-ids.js";
import { firstTokens, inputIds, perToken, textEmbeddings } from "../inputs/text-inputs.js";
import type { Batch, Model } from "../model.js";
import type { Parameters } from "../parameters.js";
import { stackOptions } from "./stack-options.js";

/** Differences between the members of the family. */
export interface TextEncoderOptions {
  /** Default `zero`. */
  readonly firstPosition?: FirstPosition;
  /** Activation of the masked-LM head. Default: that of the layers. */
  readonly headActivation?: ActivationName;
}

/** The forward pass of a BERT or RoBERTa, and the classes that its relatives share. N = batch * sequence. */
export interface TextEncoder {
  /** Parts of a model that all classes have. */
  readonly common: Pick<Model, "inputs" | "skipping" | "hiddenStates">;
  /** The last state: [N, hidden], or the rows `wanted` of it. */
  readonly encode: (p: Parameters, batch: Batch, wanted?: tf.Tensor1D) => tf.Tensor2D;
  /** Logits of the masked-LM head: [rows, hidden] to [rows, vocabulary]. */
  readonly predict: (p: Parameters, hidden: tf.Tensor2D) => tf.Tensor2D;
  /** tanh of the linear layer `name` on first tokens: [batch, hidden] to [batch, pooler]. */
  readonly pool: (p: Parameters, name: string, first: tf.Tensor2D) => tf.Tensor2D;
  /** Dropout of a classifier's head, any shape. */
  readonly headDropout: (p: Parameters, x: tf.Tensor2D) => tf.Tensor2D;
  /** The masked language model: `logits` [batch, sequence, vocabulary]. */
  readonly maskedLm: () => Model;
  /** A model that finds answers: `start_logits` and `end_logits` [batch, sequence]. */
  readonly questionAnswering: () => Model;
  /** A text classifier: `logits` [batch, labels] of the first tokens' states [batch, hidden]. */
  readonly classifier: (classify: (p: Parameters, first: tf.Tensor2D) => tf.Tensor2D) => Model;
  /** The bare model: `last_hidden_state` [batch, sequence, hidden], and `pooler_output` [batch, pooler] where it has a pooler. */
  readonly bare: () => Model;
}

/** The forward pass of a config with these names. */
export function textEncoder(
  config: TextEncoderConfig,
  names: TextEncoderNames,
  { firstPosition = "zero", headActivation = config.hidden_act }: TextEncoderOptions = {},
): TextEncoder {
  const { encode, states } = encoder(config, names, firstPosition);
  const sizes = {
    vocabulary: config.vocab_size,
    positions: textPositions(config, firstPosition),
    types: config.type_vocab_size,
  };
  const common: TextEncoder["common"] = {
    inputs: tokenInputs(sizes),
    skipping: { wholeTokens: WHOLE_TOKENS },
    hiddenStates: (p, batch) => ({ encoder: states(p, batch) }),
  };
  const predict: TextEncoder["predict"] = (p, hidden) =>
    maskedLmLogits(p, names.predictions, hidden, {
      activation: (x) => activate(x, headActivation),
      epsilon: config.layer_norm_eps,
      tiedTo: config.tie_word_embeddings ? names.embeddings.word : undefined,
    });
  const pool: TextEncoder["pool"] = (p, name, first) => project(p, name, first).tanh();
  return {
    common,
    encode,
    predict,
    pool,
    headDropout: (p, x) => dropout(p, x, config.classifier_dropout ?? config.hidden_dropout_prob),
    maskedLm: () => maskedLanguageModel(common, sizes, { encode, predict }),
    questionAnswering: () => ({
      ...common,
      ...questionAnswerer(config, common.inputs, (p, batch) =>
        // the answer's cross-entropy is over padding too
        project(p, names.answers, encode(p, batch, undefined, config.pad_token_id ?? undefined)),
      ),
    }),
    classifier(classify) {
      const logits = (p: Parameters, batch: Batch): tf.Tensor2D =>
        classify(p, firstTokens(encode(p, batch), batch));
      return {
        ...common,
        ...textClassifier(config, common.inputs, logits),
        forward: (p, batch) => ({ logits: logits(p, batch) }),
      };
    },
    bare: () => ({
      ...common,
      objectives: {},
      outputSpaces: { last_hidden_state: "embed", pooler_output: "pooler" },
      forward(p, batch) {
        const hidden = encode(p, batch);
        const hasPooler = config.add_pooling_layer !== false;
        return {
          last_hidden_state: perToken(hidden, batch),
          ...(hasPooler
            ? { pooler_output: pool(p, names.pooler, firstTokens(hidden, batch)) }
            : {}),
        };
      },
    }),
  };
}

/** Tokens that token dropping spares: the class token. */
const WHOLE_TOKENS = 1;

/** Embeddings and layers. `padding` is the id of padding that learns nothing, where the loss counts padding. */
function encoder(
  config: TextEncoderConfig,
  names: TextEncoderNames,
  firstPosition: FirstPosition,
): {
  /** Input of the first layer, then the output of every layer, each [N, hidden]. */
  readonly states: (p: Parameters, batch: Batch) => readonly tf.Tensor2D[];
  /** The last of them, or the rows `wanted` of it. */
  readonly encode: (
    p: Parameters,
    batch: Batch,
    wanted?: tf.Tensor1D,
    padding?: number,
  ) => tf.Tensor2D;
} {
  const { hidden_dropout_prob: rate, layer_norm_eps: epsilon } = config;
  const options = stackOptions(config, {
    names: names.layer,
    norm: "post",
    wholeTokens: WHOLE_TOKENS,
  });
  const states = (
    p: Parameters,
    given: Batch,
    wanted?: tf.Tensor1D,
    padding?: number,
  ): readonly tf.Tensor2D[] => {
    const ids = inputIds(given);
    const [batch, sequence] = ids.shape;
    const seen = given["attention_mask"] as tf.Tensor2D | undefined;
    const embedded = textEmbeddings(p, names.embeddings, given, {
      positions: firstPosition === "zero" ? undefined : positionIds(ids, config.pad_token_id ?? 0),
      padding,
    });
    const first = normalise(p, names.embeddingNorm, embedded, epsilon);
    const mask = seen && paddingMask(seen);
    const x = dropout(p, first, rate);
    return transformerStates(p, x, options, { batch, sequence, mask }, wanted);
  };
  return {
    states,
    encode: (p, batch, wanted, padding) => states(p, batch, wanted, padding).at(-1) as tf.Tensor2D,
  };
}
