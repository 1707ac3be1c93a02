import type { Architecture, RawConfig } from "@ligo/core";
import type * as tf from "@tensorflow/tfjs";
import type { ModelInputs } from "./inputs/model-inputs.js";
import type { Parameters } from "./parameters.js";

/** Tensors of one batch by Hugging Face name: `input_ids`, `attention_mask`, `labels`, ... */
export type Batch = Readonly<Record<string, tf.Tensor>>;

/** Logits [rows, classes] and the label of every row [rows]. */
export interface Labelled {
  readonly logits: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
}

/** What an evaluation makes of a batch. What more there is are predictions, by Hugging Face name: `logits`, ... */
export interface Judgement {
  readonly [prediction: string]: tf.Tensor;
  /** Mean loss over what counts. */
  readonly loss: tf.Scalar;
  /** Number of labelled positions that count. */
  readonly count: tf.Scalar;
}

/** A named loss a model can be trained with. */
export interface Objective {
  /** What a batch must hold. */
  readonly inputs: readonly string[];
  /** Mean loss over the labelled positions, a scalar. */
  loss(parameters: Parameters, batch: Batch): tf.Scalar;
  /** What the loss compares, of objectives that can be learned from a teacher's logits too. */
  predict?(parameters: Parameters, batch: Batch): Labelled;
  /**
   * Loss and number of labelled positions, for evaluation; `correct`, the number of right predictions, unless it predicts
   * numbers.
   */
  evaluate(parameters: Parameters, batch: Batch): Judgement;
}

/** The tensor code of an architecture, for one config and class. */
export interface Model {
  /** What `forward` takes; and `labels`, where the first objective takes them. */
  readonly inputs: ModelInputs;
  /** Tokens that token dropping spares, of a model whose layers can skip tokens and sequences; others have none. */
  readonly skipping?: { readonly wholeTokens: number };
  /** Outputs by Hugging Face name: `logits`, `last_hidden_state`, ... */
  forward(parameters: Parameters, batch: Batch): Readonly<Record<string, tf.Tensor>>;
  /**
   * Objectives by name (`masked-lm`, ...), the one a class is made for first; empty for a class without a head to train.
   */
  readonly objectives: Readonly<Record<string, Objective>>;
  /**
   * By stack of the layout: what enters its first layer, then what every layer puts out, each [rows, n] with n the size of
   * the space `embed`. For comparing models of different depth and width.
   */
  hiddenStates?(
    parameters: Parameters,
    batch: Batch,
  ): Readonly<Record<string, readonly tf.Tensor2D[]>>;
}

/** Makes the model of a checked config and one of the architecture's classes. */
export type ModelFactory<Config extends RawConfig = RawConfig> = (
  config: Config,
  className: string,
) => Model;

/** An architecture whose model is made of this package's blocks. */
export type ModelArchitecture<Config extends RawConfig = RawConfig> = Architecture<
  Config,
  ModelFactory<Config>
>;
