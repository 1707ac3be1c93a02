import * as tf from "@ligo/tfjs";
import { gatherRows } from "./embedding.js";
import type { Parameters, Partition } from "../parameters.js";

/** The sequences that a layer gets. */
export interface Sequences {
  readonly batch: number;
  readonly sequence: number;
  /** Added to the attention scores; broadcasts to [batch, heads, sequence, sequence]. */
  readonly mask?: tf.Tensor4D | undefined;
  /** Position of every token in its text, int32 [batch * sequence]; absent where none was left out: 0, 1, ... */
  readonly positions?: tf.Tensor1D | undefined;
  /** Rows of the output that a layer is to give, int32 [rows] of [batch * sequence]. Default: all. */
  readonly wanted?: tf.Tensor1D | undefined;
}

/** The wanted rows of x [batch * sequence, n]. */
export function wantedRows(x: tf.Tensor2D, { wanted }: Pick<Sequences, "wanted">): tf.Tensor2D {
  return wanted === undefined ? x : gatherRows(wanted, x);
}

/** Rows of x [rows, n] in another order; the gradient goes back through the inverse, without adding anything up. */
function permuteRows(x: tf.Tensor2D, order: tf.Tensor1D, inverse: tf.Tensor1D): tf.Tensor2D {
  const operation = tf.customGrad((...inputs) => {
    const [rows, save] = inputs as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([inverse]);
    return {
      value: tf.gather(rows, order),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.gather(dy, saved[0] as tf.Tensor1D),
    };
  });
  return operation(x);
}

/** Works on the first `kept` rows of a partition of x [rows, n]; the others come out as they are. */
function workOnSome(
  x: tf.Tensor2D,
  { order, place }: Partition,
  kept: number,
  work: (some: tf.Tensor2D) => tf.Tensor2D,
): tf.Tensor2D {
  const sizes = [kept, x.shape[0] - kept];
  const [some, rest] = tf.split(permuteRows(x, order, place), sizes) as [tf.Tensor2D, tf.Tensor2D];
  return permuteRows(tf.concat([work(some), rest]), place, order);
}

/** Number of tokens of a sequence that the layers in between do not see, for a share of them. */
export function droppedTokens(share: number, sequence: number, whole: number): number {
  return Math.min(Math.round(share * sequence), sequence - Math.max(1, whole));
}

/**
 * Token dropping: `work` on all but some tokens of every sequence, drawn at random for each, in their order; the tokens left
 * out come out as they are. `work` itself where none is to be dropped. `keep` turns the sequences of all tokens, masks of any layer
 * with them, into those of the tokens kept.
 *
 * @param x [batch * sequence, n]
 * @param whole tokens at the start of every sequence that are never dropped
 */
export function dropTokens(
  { skipping }: Parameters,
  x: tf.Tensor2D,
  sequences: Sequences,
  whole: number,
  work: (x: tf.Tensor2D, keep: (sequences: Sequences) => Sequences) => tf.Tensor2D,
): tf.Tensor2D {
  const { batch, sequence } = sequences;
  const dropped = droppedTokens(skipping?.tokens ?? 0, sequence, whole);
  if (skipping === undefined || dropped <= 0) return work(x, (all) => all);
  const kept = sequence - dropped;
  const partition = skipping.partition({ groups: batch, size: sequence, kept, whole });
  const rows = partition.order.slice([0], [batch * kept]);
  const masks = new Map<tf.Tensor4D, tf.Tensor4D>();
  const positions = positionsOf(rows, batch, sequence);
  const keep = ({ mask, ...others }: Sequences): Sequences => {
    const own = mask && (masks.get(mask) ?? maskOfTokens(mask, rows, sequences, kept));
    if (mask && own) masks.set(mask, own);
    return { ...others, batch, sequence: kept, mask: own, positions };
  };
  return workOnSome(x, partition, batch * kept, (some) => work(some, keep));
}

/** Positions in their sequences of the tokens `rows` [batch * kept] of all, in order: int32 [batch * kept]. */
function positionsOf(rows: tf.Tensor1D, batch: number, sequence: number): tf.Tensor1D {
  const kept = rows.size / batch;
  const firsts = tf.range(0, batch, 1, "int32").mul(tf.scalar(sequence, "int32"));
  return rows.as2D(batch, kept).sub(firsts.as2D(batch, 1)).flatten();
}

/** A mask of all tokens for those of `rows` [batch * kept] alone. */
function maskOfTokens(
  mask: tf.Tensor4D,
  rows: tf.Tensor1D,
  { batch, sequence }: Sequences,
  kept: number,
): tf.Tensor4D {
  const [masks, , queries] = mask.shape;
  const firsts = tf.range(0, batch, 1, "int32").as2D(batch, 1);
  const tokens = rows.as2D(batch, kept).sub<tf.Tensor2D>(firsts.mul(tf.scalar(sequence, "int32")));
  const size = tf.scalar(queries * sequence, "int32");
  const start =
    masks === 1 ? firsts.mul<tf.Tensor2D>(tf.scalar(0, "int32")) : firsts.mul<tf.Tensor2D>(size);
  const keys = tokens.add<tf.Tensor2D>(start);
  if (queries === 1) return tf.gather(mask.flatten(), keys.flatten()).reshape([batch, 1, 1, kept]);
  const lines = tokens.mul(tf.scalar(sequence, "int32")).reshape([batch, kept, 1]);
  const places = lines.add(keys.reshape([batch, 1, kept]));
  return tf.gather(mask.flatten(), places.flatten()).reshape([batch, 1, kept, kept]);
}

/** Number of sequences of a batch that skip layer `layer` (from 0) of `layers`. */
export function skippingSequences(
  rate: number,
  layer: number,
  layers: number,
  batch: number,
): number {
  return Math.min(Math.round(((rate * (layer + 1)) / layers) * batch), batch - 1);
}

/**
 * Layer dropping: a layer's `work` on all but some sequences, drawn at random; those left out come out as they are. Of L layers
 * the l-th (from 1) is skipped by round(rate l / L batch) sequences in every step.
 *
 * Progressive layer dropping (Zhang & He, 2020) tosses a coin for every layer and step instead, with a chance that rises to
 * rate l / L over training: it would be another computation from step to step, where this one is the same at all times, and
 * from the first step on as cheap as the published one becomes.
 *
 * `scale` is what branches are multiplied by before they are added, 1 / (share of sequences that keep the layer) as there, so
 * that what a layer adds is on average what it adds in evaluation: exactly before a norm, to first order within one.
 *
 * @param x [batch * sequence, n]
 */
export function dropLayer(
  { skipping }: Parameters,
  x: tf.Tensor2D,
  sequences: Sequences,
  { layer, layers }: { readonly layer: number; readonly layers: number },
  work: (x: tf.Tensor2D, sequences: Sequences, scale?: number) => tf.Tensor2D,
): tf.Tensor2D {
  const { batch, mask, positions, sequence } = sequences;
  const skipped = skippingSequences(skipping?.layers ?? 0, layer, layers, batch);
  if (skipping === undefined || skipped <= 0) return work(x, sequences);
  const kept = batch - skipped;
  const n = x.shape[1];
  const partition = skipping.partition({ groups: 1, size: batch, kept });
  const own = mask !== undefined && mask.shape[0] > 1;
  const chosen = own ? tf.gather(mask, partition.order.slice([0], [kept])) : mask;
  const places =
    positions &&
    tf.gather(positions.as2D(batch, sequence), partition.order.slice([0], [kept])).flatten();
  const whole = x.reshape<tf.Tensor2D>([batch, sequence * n]);
  return workOnSome(whole, partition, kept, (some) =>
    work(
      some.reshape([kept * sequence, n]),
      { batch: kept, sequence, mask: chosen, positions: places },
      batch / kept,
    ).reshape([kept, sequence * n]),
  ).reshape(x.shape);
}
