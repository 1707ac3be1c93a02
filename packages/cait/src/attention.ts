import { fillLayer } from "@ligo/core/layout";
import { project, type Parameters } from "@ligo/nn";
import * as tf from "@ligo/tfjs";
import { patchLayer, talkingHeads, tokenLayer } from "./layout.js";

/** [batch * sequence, heads * head size] to [batch, heads, sequence, head size]. */
function splitHeads(x: tf.Tensor2D, batch: number, heads: number): tf.Tensor4D {
  const sequence = x.shape[0] / batch;
  return x
    .reshape<tf.Tensor4D>([batch, sequence, heads, x.shape[1] / heads])
    .transpose([0, 2, 1, 3]);
}

/** The reverse. */
function joinHeads(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, heads, sequence, size] = x.shape;
  return x.transpose([0, 2, 1, 3]).reshape([batch * sequence, heads * size]);
}

/** A linear layer over the heads of scores or weights [batch, heads, sequence, sequence]. */
function talk(p: Parameters, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, rows, columns] = x.shape;
  const byHead = x.transpose([0, 2, 3, 1]).reshape<tf.Tensor2D>([-1, heads]);
  const talked: tf.Tensor2D = project(p, name, byHead);
  return talked
    .reshape<tf.Tensor4D>([batch, rows, columns, talked.shape[1]])
    .transpose([0, 3, 1, 2]);
}

/** Talking-heads attention (Shazeer et al., 2020) of patches among themselves: [batch * patches, n] to the same. */
export function talkingHeadsAttention(
  p: Parameters,
  layer: number,
  x: tf.Tensor2D,
  { batch, heads }: { readonly batch: number; readonly heads: number },
): tf.Tensor2D {
  const fused = project(p, fillLayer(patchLayer.queryKeyValue[0], layer), x);
  const [q, k, v] = tf
    .split<tf.Tensor2D>(fused, 3, 1)
    .map((part) => splitHeads(part, batch, heads)) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const scores: tf.Tensor4D = tf.matMul(q.mul(q.shape[3] ** -0.5), k, false, true);
  const weights = tf.softmax(talk(p, fillLayer(talkingHeads.scores, layer), scores));
  const mixed = talk(p, fillLayer(talkingHeads.weights, layer), weights);
  const context: tf.Tensor4D = tf.matMul(mixed, v);
  return project(p, fillLayer(patchLayer.attentionOutput, layer), joinHeads(context));
}

/**
 * Class attention (Touvron et al., 2021, section 3): the class token alone asks, itself and the patches answer.
 *
 * @param token [batch, n]
 * @param all [batch * (1 + patches), n], the token before the patches
 * @returns [batch, n]
 */
export function classAttention(
  p: Parameters,
  layer: number,
  token: tf.Tensor2D,
  all: tf.Tensor2D,
  heads: number,
): tf.Tensor2D {
  const [batch] = token.shape;
  const [query, key, value] = tokenLayer.queryKeyValue.map((name) => fillLayer(name, layer)) as [
    string,
    string,
    string,
  ];
  const q = splitHeads(project(p, query, token), batch, heads);
  const k = splitHeads(project(p, key, all, { readers: 2 }), batch, heads);
  const v = splitHeads(project(p, value, all, { readers: 2 }), batch, heads);
  const scores = tf.matMul(q.mul(q.shape[3] ** -0.5), k, false, true);
  const context: tf.Tensor4D = tf.matMul(tf.softmax(scores), v);
  return project(p, fillLayer(tokenLayer.attentionOutput, layer), joinHeads(context));
}
