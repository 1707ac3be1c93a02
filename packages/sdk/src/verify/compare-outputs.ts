import type { Output } from "../models/forward-result.js";

/** How two models' outputs differ. */
export interface Difference {
  /** Null where the outputs are states of two sizes, and no map between these is known. */
  readonly max: number | null;
  readonly mean: number | null;
  /** Mean of KL(small || grown) over positions, in nats; null for states, which are no logits. */
  readonly kl: number | null;
  /** Present where the output holds states, vectors of a space that grows. */
  readonly states?: ComparedStates;
}

/** How the states of two models were compared: G [rows, new] of the grown one, S [rows, old] of the small one. */
export interface ComparedStates {
  /** Space of the layout: `embed`. */
  readonly space: string;
  /**
   * Source of the map M [new, old] in the differences, which are those of G and S M^T: the width map of the growth's operator,
   * or the identity where the size stays and no operator is known. Null where there is none.
   */
  readonly map: "operator" | "identity" | null;
  /** ||G - S M^T|| / ||S M^T|| in the Frobenius norm; null without a map. */
  readonly drift: number | null;
  /** Linear centred kernel alignment of G and S (Kornblith et al., 2019): 1 where they agree but for rotation and scale. */
  readonly alignment: number;
  /** Channels of G that are left out of differences and drift: padding, which no layer of the grown model reads. */
  readonly unread: number;
}

/** The difference of two outputs of one shape; for the divergence they are logits over their last axis. */
export function compareOutputs(one: Output, other: Output): Difference {
  return { ...elementDistance(one.data, other.data), kl: meanDivergence(one, other) };
}

/** Largest and mean absolute difference of the elements of two arrays. */
export function elementDistance(
  one: Float32Array,
  other: Float32Array,
): { readonly max: number; readonly mean: number } {
  let [max, sum] = [0, 0];
  for (const [index, value] of one.entries()) {
    const distance = Math.abs(value - (other[index] ?? Number.NaN));
    max = Math.max(max, distance);
    sum += distance;
  }
  return { max, mean: sum / one.length };
}

export function largestMagnitude(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Mean over rows of KL(softmax(one) || softmax(other)), the softmax over the last axis. */
function meanDivergence(one: Output, other: Output): number {
  const width = one.shape.at(-1) ?? 1;
  const rows = one.data.length / width;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const left = logSoftmax(one.data.subarray(row * width, (row + 1) * width));
    const right = logSoftmax(other.data.subarray(row * width, (row + 1) * width));
    for (const [index, value] of left.entries()) {
      sum += Math.exp(value) * (value - (right[index] ?? 0));
    }
  }
  // Rounding can bring a divergence of zero just below it.
  return Math.max(0, sum / rows);
}

function logSoftmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  const shift = largest + Math.log(total);
  return Float64Array.from(logits, (value) => value - shift);
}
