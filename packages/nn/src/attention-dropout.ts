import * as tf from "@tensorflow/tfjs";
import { maskOut, type Drawn } from "./dropout.js";

/**
 * dropout(softmax(scale q k^T + mask)) v on [batch, heads, sequence, head size], with closed-form gradients. Of what was
 * dropped only the mask is kept for the gradient; the factor 1 / (1 - rate) goes into the matrix products.
 */
export function attendWithDropout(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  scale: number,
  mask: tf.Tensor4D | undefined,
  dropout: Drawn,
): tf.Tensor4D {
  const operation = tf.customGrad((...inputs) => {
    const [query, key, value, save] = inputs as unknown as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
      tf.GradSaveFunc,
    ];
    const scores = tf.matMul(query, key, false, true).mul<tf.Tensor4D>(scale);
    const weights = tf.softmax(mask ? scores.add<tf.Tensor4D>(mask) : scores);
    save([query, key, value, weights, dropout.mask]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [savedQ, savedK, savedV, p, keep] = saved as [
        tf.Tensor4D,
        tf.Tensor4D,
        tf.Tensor4D,
        tf.Tensor4D,
        tf.Tensor,
      ];
      const kept = maskOut(p, keep, 1);
      // with respect to the weights times themselves: what was dropped has no part in it
      const weighted = tf.matMul(dy, savedV, false, true).mul(dropout.scale).mul(kept);
      const ds = weighted.sub(p.mul(weighted.sum(3, true)));
      return [
        tf.matMul(ds, savedK).mul(scale),
        tf.matMul(ds, savedQ, true, false).mul(scale),
        tf.matMul(kept, dy, true, false).mul(dropout.scale),
      ];
    };
    const kept = maskOut(weights, dropout.mask, 1);
    return { value: tf.matMul(kept, value).mul<tf.Tensor4D>(dropout.scale), gradFunc };
  });
  return operation(q, k, v);
}
