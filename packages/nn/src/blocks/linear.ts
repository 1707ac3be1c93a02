import type { WeightStorage } from "@ligo/core/layout";
import * as tf from "@ligo/tfjs";

/** Sum over rows of a matrix [rows, n] -> [n], as a product with a row of ones: faster than a reduction over rows. */
export function sumRows(x: tf.Tensor2D): tf.Tensor1D {
  return tf.matMul(tf.ones([1, x.shape[0]]), x).as1D();
}

/** x + b for x [rows, n] and b [n], with closed-form gradients. */
export function addRow(x: tf.Tensor2D, row: tf.Tensor1D): tf.Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const [a, b] = inputs as unknown as [tf.Tensor2D, tf.Tensor1D];
    const gradFunc = (dy: tf.Tensor): tf.Tensor[] => [dy, sumRows(dy as tf.Tensor2D)];
    return { value: a.add(b), gradFunc };
  });
  return operation(x, row) as tf.Tensor2D;
}

/**
 * y = x W^T + b, with closed-form gradients.
 *
 * @param x [rows, in]
 * @param weight [out, in], or [in, out] with the storage `in-out` (GPT-2's `Conv1D`)
 * @param bias [out]
 * @returns [rows, out]
 */
export function linear(
  x: tf.Tensor2D,
  weight: tf.Tensor2D,
  bias?: tf.Tensor1D,
  storage: WeightStorage = "out-in",
): tf.Tensor2D {
  const transposed = storage === "out-in";
  if (!bias) return tf.matMul(x, weight, false, transposed);
  const operation = tf.customGrad((...inputs) => {
    const [a, w, b, save] = inputs as unknown as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    save([a, w]);
    const value = tf.fused.matMul({ a, b: w, transposeB: transposed, bias: b });
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [savedX, savedW] = saved as [tf.Tensor2D, tf.Tensor2D];
      const gradient = dy as tf.Tensor2D;
      return [
        tf.matMul(gradient, savedW, false, !transposed),
        transposed
          ? tf.matMul(gradient, savedX, true, false)
          : tf.matMul(savedX, gradient, true, false),
        sumRows(gradient),
      ];
    };
    return { value, gradFunc };
  });
  return operation(x, weight, bias) as tf.Tensor2D;
}
