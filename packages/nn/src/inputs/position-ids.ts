import * as tf from "@ligo/tfjs";

/**
 * Rows of the position table for `ids` [batch, sequence]: tokens count from `pad` + 1, padding has the row `pad`.
 *
 * @returns [batch * sequence], int32
 */
export function positionIds(ids: tf.Tensor2D, pad: number): tf.Tensor1D {
  const [, sequence] = ids.shape;
  const isToken = ids.notEqual(pad).toFloat();
  const places = tf.range(0, sequence, 1, "int32");
  // a product with ones for what stands before or here counts the tokens so far
  const isBefore = places.as2D(sequence, 1).lessEqual(places.as2D(1, sequence)).toFloat();
  const counted = tf.matMul(isToken, isBefore as tf.Tensor2D).mul(isToken);
  return counted.add(pad).toInt().flatten();
}
