import * as tf from "@tensorflow/tfjs";
import { maskOut, type Drawn } from "./dropout.js";

export interface AttentionShape {
  readonly batch: number;
  readonly sequence: number;
  readonly heads: number;
  /** Factor of the scores before the mask. Default 1 / sqrt(head size). */
  readonly scale?: number;
}

/**
 * softmax(scale q k^T + mask) v per head, with closed-form gradients.
 *
 * @param q [batch * sequence, heads * head size]; k and v likewise
 * @param mask added to the scores before the softmax; broadcasts to [batch, heads, sequence, sequence]
 * @param dropout of the softmax, [batch, heads, sequence, sequence]
 * @returns [batch * sequence, heads * head size]
 */
export function attention(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  { batch, sequence, heads, scale = Math.sqrt(heads / q.shape[1]) }: AttentionShape,
  mask?: tf.Tensor4D,
  dropout?: Drawn,
): tf.Tensor2D {
  const split = (x: tf.Tensor2D): tf.Tensor4D =>
    x.reshape<tf.Tensor4D>([batch, sequence, heads, x.shape[1] / heads]).transpose([0, 2, 1, 3]);
  const context = attend(split(q), split(k), split(v), scale, mask, dropout);
  return context.transpose([0, 2, 1, 3]).reshape([batch * sequence, v.shape[1]]);
}

/**
 * The same on [batch, heads, sequence, head size]. Keeps the attention weights for the gradient, and of what was dropped the
 * mask; its factor 1 / (1 - rate) goes into the matrix products.
 */
function attend(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  scale: number,
  mask?: tf.Tensor4D,
  dropout?: Drawn,
): tf.Tensor4D {
  const scaled = <T extends tf.Tensor>(x: T): T => (dropout ? x.mul<T>(dropout.scale) : x);
  const operation = tf.customGrad((...inputs) => {
    const [query, key, value, save] = inputs as unknown as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
      tf.GradSaveFunc,
    ];
    const scores = tf.matMul(query, key, false, true).mul<tf.Tensor4D>(scale);
    const weights = tf.softmax(mask ? scores.add<tf.Tensor4D>(mask) : scores);
    save([query, key, value, weights, ...(dropout ? [dropout.mask] : [])]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [savedQ, savedK, savedV, p, keep] = saved as [
        tf.Tensor4D,
        tf.Tensor4D,
        tf.Tensor4D,
        tf.Tensor4D,
        tf.Tensor?,
      ];
      const kept = keep ? maskOut(p, keep, 1) : p;
      // with respect to the weights times themselves: what was dropped has no part in it
      const weighted = scaled(tf.matMul(dy, savedV, false, true)).mul(kept);
      const ds = weighted.sub(p.mul(weighted.sum(3, true)));
      return [
        tf.matMul(ds, savedK).mul(scale),
        tf.matMul(ds, savedQ, true, false).mul(scale),
        scaled(tf.matMul(kept, dy, true, false)),
      ];
    };
    const kept = dropout ? maskOut(weights, dropout.mask, 1) : weights;
    return { value: scaled(tf.matMul(kept, value)), gradFunc };
  });
  return operation(q, k, v) as tf.Tensor4D;
}

/** Scores of masked positions: far below any real score, finite so that a fully masked row stays a number. */
const MASKED = -1e9;

/** An additive mask [batch, 1, 1, sequence] from an attention mask [batch, sequence] of ones (seen) and zeros. */
export function paddingMask(attentionMask: tf.Tensor2D): tf.Tensor4D {
  const [batch, sequence] = attentionMask.shape;
  return tf.scalar(1).sub(attentionMask.toFloat()).mul(MASKED).reshape([batch, 1, 1, sequence]);
}

/** An additive mask [1, 1, sequence, sequence] that hides every position's successors from it. */
export function causalMask(sequence: number): tf.Tensor4D {
  const positions = tf.range(0, sequence, 1, "int32");
  const isLater = positions.as2D(1, sequence).greater(positions.as2D(sequence, 1));
  return isLater.toFloat().mul(MASKED).reshape([1, 1, sequence, sequence]);
}
