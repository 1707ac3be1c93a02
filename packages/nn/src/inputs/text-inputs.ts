import * as tf from "@ligo/tfjs";
import { gatherRows } from "../blocks/embedding.js";
import type { Batch } from "../model.js";
import { embedding, type Parameters } from "../parameters.js";

/** Tables that are added up, by full parameter name. */
export interface TextEmbeddingNames {
  readonly word: string;
  readonly position: string;
  /** Table of `token_type_ids`; type 0 where a batch has none. */
  readonly type?: string | undefined;
}

/** `input_ids` of a batch, [batch, sequence]. */
export function inputIds(batch: Batch): tf.Tensor2D {
  return batch["input_ids"] as tf.Tensor2D;
}

/** Options of {@link textEmbeddings}. */
export interface TextEmbeddingOptions {
  /** Rows of the position table [batch * sequence]; default 0, 1, ... in every sequence. */
  readonly positions?: tf.Tensor1D | undefined;
  /**
   * Id of padding that learns nothing, as PyTorch's `padding_idx`: neither its word nor, where `positions` are given, its
   * position. It makes a difference only where the loss counts padding.
   */
  readonly padding?: number | undefined;
}

/** The sum of word, position and token type embeddings: [batch * sequence, n]. */
export function textEmbeddings(
  p: Parameters,
  names: TextEmbeddingNames,
  batch: Batch,
  { padding, positions }: TextEmbeddingOptions = {},
): tf.Tensor2D {
  const ids = inputIds(batch);
  const [rows, sequence] = ids.shape;
  const learned = (x: tf.Tensor2D): tf.Tensor2D =>
    padding === undefined ? x : maskGradient(x, ids.flatten().notEqual(padding).as2D(-1, 1));
  const tokens = learned(embedding(ids.flatten(), p.get(names.word)));
  const table = p.get(names.position);
  const placed = positions
    ? tokens.add<tf.Tensor2D>(learned(embedding(positions, table)))
    : tokens
        .reshape([rows, sequence, -1])
        .add(embedding(tf.range(0, sequence, 1, "int32"), table))
        .reshape<tf.Tensor2D>([rows * sequence, -1]);
  if (names.type === undefined) return placed;
  const types = batch["token_type_ids"]?.flatten() ?? tf.zeros([1], "int32");
  return placed.add(embedding(types, p.get(names.type)));
}

/** `x` [rows, n], whose gradient is that of the rows that `kept` [rows, 1] names, and zero elsewhere. */
function maskGradient(x: tf.Tensor2D, kept: tf.Tensor2D): tf.Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const [value, save] = inputs as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([kept.toFloat()]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor =>
      dy.mul(saved[0] as tf.Tensor);
    return { value: value.clone(), gradFunc };
  });
  return operation(x);
}

/** Hidden states of the first token of every sequence: [batch * sequence, n] to [batch, n]. */
export function firstTokens(hidden: tf.Tensor2D, batch: Batch): tf.Tensor2D {
  const [rows, sequence] = inputIds(batch).shape;
  return gatherRows(tf.range(0, rows * sequence, sequence, "int32"), hidden);
}

/** [batch * sequence, n] to [batch, sequence, n]. */
export function perToken(x: tf.Tensor2D, batch: Batch): tf.Tensor3D {
  return x.reshape([...inputIds(batch).shape, x.shape[1]]);
}
