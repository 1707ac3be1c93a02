import * as tf from "@ligo/tfjs";

/**
 * Rows of a table by index; the gradient sums the rows' gradients per index.
 *
 * @param ids [rows], int32
 * @param table [entries, n]
 * @returns [rows, n]
 */
export function gatherRows(ids: tf.Tensor1D, table: tf.Tensor2D): tf.Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const [rows, save] = inputs as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([ids]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor =>
      tf.unsortedSegmentSum(dy, saved[0] as tf.Tensor1D, rows.shape[0]);
    return { value: tf.gather(rows, ids), gradFunc };
  });
  return operation(table);
}
