import type { Layout } from "@ligo/core";
import type { TensorSpec, TensorSpecs, Tensors } from "@ligo/engine";
import {
  inheritingLoss,
  tensorParameters,
  type Labelled,
  type Objective,
  type Parameters,
} from "@ligo/nn";
import type * as tf from "@ligo/tfjs";
import type { TrainingProgramOptions } from "./training-program.js";

/** A model that another one learns from (knowledge inheritance, Qin et al., 2022). It stays as it is. */
export interface Teacher {
  readonly layout: Layout;
  /** The student's objective, of the teacher's model. */
  readonly objective: Objective;
  /** Parameters by canonical name. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Temperature that softens the answers of both. */
  readonly temperature: number;
}

/** Inputs of a training program that come from a teacher, and their use in the loss. */
interface Lessons extends Required<Pick<TrainingProgramOptions, "prepare">> {
  /** Scalars of every batch: `distillation_alpha`, the teacher's share in the loss. */
  readonly inputs: TensorSpecs;
  readonly frozen: TensorSpecs;
  readonly frozenValues: Readonly<Record<string, Float32Array>>;
  loss(student: Labelled, batch: Tensors): tf.Scalar;
}

const SHARE = "distillation_alpha";
const LOGITS = "teacher_logits";
const PREFIX = "teacher/";

/** Predictions and labels that the loss of an objective compares. */
export function answersOf(objective: Objective, parameters: Parameters, batch: Tensors): Labelled {
  const answers = objective.predict?.(parameters, batch);
  if (answers === undefined) throw new RangeError("The objective does not learn from a teacher.");
  return answers;
}

/**
 * A teacher as part of a training program: frozen tensors `teacher/<name>`, whose answers to a batch are computed in the same
 * step.
 *
 * @param specs of the teacher's tensors
 */
export function lessonsOf(
  { objective, temperature, weights }: Teacher,
  specs: Readonly<Record<string, TensorSpec>>,
): Lessons {
  const names = Object.keys(specs);
  return {
    inputs: { [SHARE]: { shape: [], dtype: "float32" } },
    frozen: Object.fromEntries(
      Object.entries(specs).map(([name, { shape, dtype }]) => [PREFIX + name, { shape, dtype }]),
    ),
    frozenValues: Object.fromEntries([...weights].map(([name, data]) => [PREFIX + name, data])),
    prepare(frozen, batch) {
      const own = names.map((name) => [name, frozen[PREFIX + name] as tf.Tensor] as const);
      return {
        [LOGITS]: answersOf(objective, tensorParameters(Object.fromEntries(own)), batch).logits,
      };
    },
    loss: (student, batch) =>
      inheritingLoss(student, batch[LOGITS] as tf.Tensor2D, {
        alpha: batch[SHARE] as tf.Scalar,
        temperature,
      }),
  };
}
