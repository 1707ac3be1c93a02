import * as tf from "@ligo/tfjs";
import { maskOut, type Drawn } from "./dropout.js";

/** One of the inputs of attention that are compared, [batch, sequence, heads, head size]. */
export type Prepare = (x: tf.Tensor4D, input: "query" | "key") => tf.Tensor4D;

export interface AttentionShape {
  readonly batch: number;
  readonly sequence: number;
  readonly heads: number;
  /** Heads of keys and values, each read by `heads / keyValueHeads` heads of queries that stand together. Default `heads`. */
  readonly keyValueHeads?: number;
  /** Factor of the scores before the mask. Default 1 / sqrt(head size). */
  readonly scale?: number;
  /** Scores s become cap tanh(s / cap) before the mask (Gemma 2's soft-capping). Default: as they are. */
  readonly cap?: number | undefined;
  /** Applied to queries and keys before they are compared: norms of heads, rotary positions. */
  readonly prepare?: Prepare | undefined;
}

/**
 * softmax(scale q k^T + mask) v per head, with closed-form gradients.
 *
 * @param q [batch * sequence, heads * head size]
 * @param k [batch * sequence, key-value heads * head size]; v likewise
 * @param mask added to the scores before the softmax; broadcasts to [batch, 1, sequence, sequence]
 * @param dropout of the softmax, [batch, heads, sequence, sequence]
 * @returns [batch * sequence, heads * head size]
 */
export function attention(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  shape: AttentionShape,
  mask?: tf.Tensor4D,
  dropout?: Drawn,
): tf.Tensor2D {
  const { batch, sequence, heads, prepare = (x) => x } = shape;
  const { keyValueHeads = heads, scale = Math.sqrt(heads / q.shape[1]), cap } = shape;
  const group = heads / keyValueHeads;
  const byHead = (x: tf.Tensor2D, count: number): tf.Tensor4D =>
    x.reshape<tf.Tensor4D>([batch, sequence, count, x.shape[1] / count]);
  const size = v.shape[1] / keyValueHeads;
  // Queries of a group stand below each other: one product with their key for all of them.
  const rows = <T extends tf.Tensor4D>(x: T): tf.Tensor4D =>
    group === 1
      ? x.transpose([0, 2, 1, 3])
      : x
          .reshape<tf.Tensor5D>([batch, sequence, keyValueHeads, group, x.shape[3]])
          .transpose<tf.Tensor5D>([0, 2, 3, 1, 4])
          .reshape([batch, keyValueHeads, group * sequence, x.shape[3]]);
  const context = attend(
    rows(prepare(byHead(q, heads), "query")),
    prepare(byHead(k, keyValueHeads), "key").transpose([0, 2, 1, 3]),
    byHead(v, keyValueHeads).transpose([0, 2, 1, 3]),
    { scale, cap },
    mask && group > 1 && mask.shape[2] > 1 ? mask.tile([1, 1, group, 1]) : mask,
    dropout && group > 1
      ? {
          ...dropout,
          mask: dropout.mask.reshape([batch, keyValueHeads, group * sequence, sequence]),
        }
      : dropout,
  );
  const ordered =
    group === 1
      ? context.transpose([0, 2, 1, 3])
      : context
          .reshape<tf.Tensor5D>([batch, keyValueHeads, group, sequence, size])
          .transpose([0, 3, 1, 2, 4]);
  return ordered.reshape([batch * sequence, heads * size]);
}

/**
 * The same on [batch, heads, sequence, head size]. Keeps the attention weights for the gradient, and of what was dropped the
 * mask; its factor 1 / (1 - rate) goes into the matrix products.
 */
function attend(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  { scale, cap }: { readonly scale: number; readonly cap: number | undefined },
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
    const raw = tf.matMul(query, key, false, true).mul<tf.Tensor4D>(scale);
    const bent = cap === undefined ? undefined : raw.mul<tf.Tensor4D>(1 / cap).tanh();
    const scores = bent === undefined || cap === undefined ? raw : bent.mul<tf.Tensor4D>(cap);
    const weights = tf.softmax(mask ? scores.add<tf.Tensor4D>(mask) : scores);
    save([query, key, value, weights, ...(bent ? [bent] : []), ...(dropout ? [dropout.mask] : [])]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [savedQ, savedK, savedV, p, ...others] = saved as [
        tf.Tensor4D,
        tf.Tensor4D,
        tf.Tensor4D,
        tf.Tensor4D,
        ...tf.Tensor4D[],
      ];
      const tanh = bent && others.shift();
      const keep = others.shift();
      const kept = keep ? maskOut(p, keep, 1) : p;
      // with respect to the weights times themselves: what was dropped has no part in it
      const weighted = scaled(tf.matMul(dy, savedV, false, true)).mul(kept);
      const dBent = weighted.sub<tf.Tensor4D>(p.mul(weighted.sum(3, true)));
      const ds = tanh ? dBent.mul<tf.Tensor4D>(tf.sub(1, tanh.square())) : dBent;
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

/**
 * An additive mask [1, 1, sequence, sequence] that hides every position's successors from it and, with a `window`, all but the last
 * `window` positions up to its own (Mistral's sliding window).
 */
export function causalMask(sequence: number, window: number = sequence): tf.Tensor4D {
  const positions = tf.range(0, sequence, 1, "int32");
  const [keys, queries] = [positions.as2D(1, sequence), positions.as2D(sequence, 1)];
  const isLater = keys.greater<tf.Tensor2D>(queries);
  const isHidden =
    window < sequence
      ? isLater.logicalOr(keys.add(tf.scalar(window, "int32")).lessEqual(queries))
      : isLater;
  return isHidden.toFloat().mul(MASKED).reshape([1, 1, sequence, sequence]);
}

/**
 * An additive mask [1, 1, sequence, sequence] that hides positions more than `reach` away on either side (ModernBERT's local
 * attention).
 */
export function localMask(sequence: number, reach: number): tf.Tensor4D {
  const positions = tf.range(0, sequence, 1, "int32");
  const apart = positions.as2D(1, sequence).sub(positions.as2D(sequence, 1)).abs();
  return apart
    .greater(tf.scalar(reach, "int32"))
    .toFloat()
    .mul(MASKED)
    .reshape([1, 1, sequence, sequence]);
}
