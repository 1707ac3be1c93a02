import * as tf from "@ligo/tfjs";
import { crossEntropy } from "../losses/cross-entropy.js";
import { imageClassification, labelLoss } from "./image-classification.js";
import type { Batch, Objective } from "../model.js";
import type { Parameters } from "../parameters.js";
import { softenedDivergence } from "../losses/softened-divergence.js";

/** Logits of a student's heads, each [batch, classes]. */
export interface StudentLogits {
  /** Logits of the head that learns from labels. */
  readonly classification: tf.Tensor2D;
  /** Logits of the head that learns from the teacher. */
  readonly distillation: tf.Tensor2D;
  /** The student's answer: the mean of both. */
  readonly answer: tf.Tensor2D;
}

/** Options of distillation objectives. A batch may override them with scalars of the same meaning. */
export interface DistillationOptions {
  /** Share of the teacher in the loss; a batch's `distillation_alpha`. Default: hard 0.5, soft 0.1. */
  readonly alpha?: number;
  /** Temperature of soft distillation; a batch's `distillation_temperature`. Default 3. */
  readonly temperature?: number;
}

type Predict = (parameters: Parameters, batch: Batch) => StudentLogits;

const INPUTS = ["pixel_values", "labels", "teacher_logits"] as const;

/** A scalar of the batch, else a constant. */
const given = (batch: Batch, name: string, otherwise: number): tf.Scalar =>
  (batch[name] as tf.Scalar | undefined) ?? tf.scalar(otherwise);

function distillation(
  predict: Predict,
  { alpha, softened }: { readonly alpha: number; readonly softened: boolean },
  teacherLoss: (student: tf.Tensor2D, teacher: tf.Tensor2D, batch: Batch) => tf.Scalar,
): Objective {
  const judged = imageClassification((parameters, batch) => predict(parameters, batch).answer);
  return {
    ...judged,
    teacher: { need: "required", softened, fades: false },
    inputs: INPUTS,
    loss(parameters, batch) {
      const student = predict(parameters, batch);
      const share = given(batch, "distillation_alpha", alpha);
      const teacher = batch["teacher_logits"] as tf.Tensor2D;
      return labelLoss(student.classification, batch)
        .mul<tf.Scalar>(share.mul(-1).add(1))
        .add(teacherLoss(student.distillation, teacher, batch).mul(share));
    },
  };
}

/**
 * Hard distillation (Touvron et al. 2021, equation 3): (1 - alpha) times the cross-entropy of the classification head with
 * the labels, plus alpha times that of the distillation head with the class the teacher prefers, of `teacher_logits`
 * [batch, classes]. Judged by labels as a classifier.
 */
export function hardDistillation(predict: Predict, options: DistillationOptions = {}): Objective {
  const kind = { alpha: options.alpha ?? 0.5, softened: false };
  return distillation(predict, kind, (student, teacher) =>
    crossEntropy(student, teacher.argMax<tf.Tensor1D>(1)),
  );
}

/**
 * Soft distillation (Touvron et al. 2021, equation 2): (1 - alpha) times the cross-entropy of the classification head with
 * the labels, plus alpha t^2 times the mean Kullback-Leibler divergence of the distillation head from the teacher, both
 * softened by the temperature t.
 */
export function softDistillation(predict: Predict, options: DistillationOptions = {}): Objective {
  const kind = { alpha: options.alpha ?? 0.1, softened: true };
  return distillation(predict, kind, (student, teacher, batch) => {
    const t = given(batch, "distillation_temperature", options.temperature ?? 3);
    return softenedDivergence(student, teacher, t);
  });
}
