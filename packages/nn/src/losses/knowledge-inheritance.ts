import * as tf from "@ligo/tfjs";
import { crossEntropy, IGNORED_LABEL } from "./cross-entropy.js";
import type { Labelled, TeacherRole } from "../model.js";
import { softenedDivergence } from "./softened-divergence.js";

/** Role of the teacher in knowledge inheritance: its share falls from 1 to 0. */
export const INHERITANCE: TeacherRole = { need: "optional", softened: true, fades: true };

/** Options of {@link inheritingLoss}. */
export interface InheritingOptions {
  /** Share of the teacher in the loss, from 1 (labels do not count) to 0. */
  readonly alpha: tf.Scalar;
  /** Temperature of both distributions. */
  readonly temperature: number;
}

/**
 * Knowledge inheritance (Qin et al., 2022): (1 - alpha) times the cross-entropy of language modelling plus alpha t^2 times
 * the Kullback-Leibler divergence of the student from the teacher, both softened by the temperature t; each the mean over
 * the rows whose label is not -100.
 *
 * @param teacher logits of the same rows [rows, classes]; no gradient goes there
 */
export function inheritingLoss(
  { logits, labels }: Labelled,
  teacher: tf.Tensor2D,
  { alpha, temperature }: InheritingOptions,
): tf.Scalar {
  const counted = labels.notEqual(IGNORED_LABEL).toFloat();
  // the mean over all rows of these weights times something is the mean over those that count
  const weights = counted.mul(labels.shape[0]).div(counted.sum().maximum(1)).as2D(-1, 1);
  const taught = softenedDivergence(logits, teacher, tf.scalar(temperature), weights);
  return crossEntropy(logits, labels).mul<tf.Scalar>(alpha.mul(-1).add(1)).add(taught.mul(alpha));
}
