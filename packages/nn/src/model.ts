import type { Architecture, RawConfig } from "@ligo/core";
import type * as tf from "@ligo/tfjs";
import type { ModelInputs } from "./inputs/model-inputs.js";
import type { Parameters } from "./parameters.js";

/** Tensors of one batch by Hugging Face name: `input_ids`, `attention_mask`, `labels`, ... */
export type Batch = Readonly<Record<string, tf.Tensor>>;

/** Data that examples are read from. */
export type ObjectiveData = "text" | "labelled-text" | "questions" | "labelled-images";

/** Answer that a prediction is compared with: `number` of a regression, `span` from the start of an answer to its end. */
export type ObjectiveAnswer = "masked-token" | "next-token" | "class" | "number" | "span";

/** Part that the logits of another model, the teacher, have in a loss. */
export interface TeacherRole {
  /** `required`: every batch holds its `teacher_logits`. `optional`: knowledge inheritance adds it to what is predicted. */
  readonly need: "optional" | "required";
  /** Whether its answers and the student's are softened by a temperature. */
  readonly softened: boolean;
  /** Whether its share in the loss falls from step to step. */
  readonly fades: boolean;
}

/** Self-description of an objective: generic code asks for this, never for the objective's name. */
export interface ObjectiveKind {
  readonly data: ObjectiveData;
  readonly learns: ObjectiveAnswer;
  /** Absent: labels alone are learned from. */
  readonly teacher?: TeacherRole;
  /** Inputs that a batch must hold. */
  readonly inputs: readonly string[];
}

/** Logits [rows, classes] and the label of every row [rows]. */
export interface Labelled {
  readonly logits: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
}

/** Evaluation of a batch. Further entries are predictions, by Hugging Face name: `logits`, ... */
export interface Judgement {
  readonly [prediction: string]: tf.Tensor;
  /** Mean loss over what counts. */
  readonly loss: tf.Scalar;
  /** Number of labelled positions that count. */
  readonly count: tf.Scalar;
}

/** A loss a model can be trained with. */
export interface Objective extends ObjectiveKind {
  /** Mean loss over the labelled positions, a scalar. */
  loss(parameters: Parameters, batch: Batch): tf.Scalar;
  /**
   * Number of labelled positions of a batch, which `loss` is the mean over: batches of one update weigh by it. Default: as many
   * in every batch.
   */
  readonly count?: (batch: Batch) => tf.Scalar;
  /** Both sides of the comparison that the loss makes: what knowledge inheritance sets against a teacher's logits. */
  predict?(parameters: Parameters, batch: Batch): Labelled;
  /**
   * Loss and number of labelled positions, for evaluation; `correct`, the number of right predictions, unless it predicts
   * numbers.
   */
  evaluate(parameters: Parameters, batch: Batch): Judgement;
}

/** The tensor code of an architecture, for one config and class. */
export interface Model {
  /** Inputs of `forward`; and `labels`, where the first objective takes them. */
  readonly inputs: ModelInputs;
  /** Tokens that token dropping spares, of a model whose layers can skip tokens and sequences; others have none. */
  readonly skipping?: { readonly wholeTokens: number };
  /** Outputs by Hugging Face name: `logits`, `last_hidden_state`, ... */
  forward(parameters: Parameters, batch: Batch): Readonly<Record<string, tf.Tensor>>;
  /**
   * Spaces of the layout that outputs hold vectors of, along their last axis: `{ last_hidden_state: "embed" }`. Without an
   * entry, an output has the same shape in models of every width.
   */
  readonly outputSpaces?: Readonly<Record<string, string>>;
  /**
   * Objectives by name (`masked-lm`, ...), the one a class is made for first; empty for a class without a head to train.
   */
  readonly objectives: Readonly<Record<string, Objective>>;
  /**
   * By stack of the layout: the input of its first layer, then the output of every layer, each [rows, n] with n the size
   * of the space `embed`. For comparing models of different depth and width.
   */
  hiddenStates?(
    parameters: Parameters,
    batch: Batch,
  ): Readonly<Record<string, readonly tf.Tensor2D[]>>;
}

/** Makes the model of a checked config and one of the architecture's classes: an architecture's `model()` resolves to it. */
export type ModelFactory<Config extends RawConfig = RawConfig> = (
  config: Config,
  className: string,
) => Model;

/** The model of a checked config and one of the architecture's classes. Loads the architecture's tensor code. */
export async function createModel<Config extends RawConfig>(
  architecture: Pick<Architecture<Config>, "model">,
  config: Config,
  className: string,
): Promise<Model> {
  // The specification version says that an architecture's model is such a factory.
  const create = (await architecture.model()) as ModelFactory<Config>;
  return create(config, className);
}
