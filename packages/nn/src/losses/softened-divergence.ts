import * as tf from "@ligo/tfjs";
import { softCrossEntropy } from "./soft-cross-entropy.js";

/**
 * t^2 times the mean over rows of KL(teacher | student), both softened by the temperature t (Hinton et al., 2015): t^2 keeps
 * the size of gradients whatever t is.
 *
 * @param student logits [rows, classes]
 * @param teacher logits [rows, classes]; no gradient goes there
 * @param weights of the rows in the mean [rows, 1]; default 1
 */
export function softenedDivergence(
  student: tf.Tensor2D,
  teacher: tf.Tensor2D,
  t: tf.Scalar,
  weights?: tf.Tensor2D,
): tf.Scalar {
  const softened = tf.softmax(teacher.div<tf.Tensor2D>(t));
  const target = weights === undefined ? softened : softened.mul<tf.Tensor2D>(weights);
  // KL(target | student) = cross-entropy(target, student) - cross-entropy(target, target)
  return softCrossEntropy(student.div(t), target)
    .sub<tf.Scalar>(softCrossEntropy(teacher.div(t), target))
    .mul(t.square());
}
