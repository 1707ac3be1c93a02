import { ConfigError } from "@ligo/core";
import * as tf from "@ligo/tfjs";

/**
 * The last token of every sequence that is not padding, as rows of [batch * sequence]; the first where all is padding.
 * Throws `config/no-pad-token` where sequences cannot be told from their padding.
 *
 * @param ids [batch, sequence]
 * @param pad the id of padding, if there is one
 * @returns [batch], int32
 */
export function lastTokens(ids: tf.Tensor2D, pad: number | undefined): tf.Tensor1D {
  const [batch, sequence] = ids.shape;
  if (pad === undefined) {
    if (batch === 1) return tf.tensor1d([sequence - 1], "int32");
    throw new ConfigError(
      "config/no-pad-token",
      `The last token before the padding is classified, but config.json has no pad_token_id, so the model takes one ` +
        `sequence at a time. Set pad_token_id.`,
      { expected: "pad_token_id, or a batch of 1", actual: `a batch of ${batch}` },
    );
  }
  const places = tf.range(0, sequence, 1, "int32").as2D(1, sequence);
  const last = places.mul(ids.notEqual(pad).toInt()).max<tf.Tensor1D>(1);
  return last.add(tf.range(0, batch * sequence, sequence, "int32"));
}
