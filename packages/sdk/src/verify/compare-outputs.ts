import type { Output } from "../models/forward-result.js";

/** How two models' outputs differ. */
export interface Difference {
  readonly max: number;
  readonly mean: number;
  /** Mean of KL(small || grown) over positions, in nats. */
  readonly kl: number;
}

/** The difference of two outputs of one shape; for the divergence they are logits over their last axis. */
export function compareOutputs(one: Output, other: Output): Difference {
  let [max, sum] = [0, 0];
  for (const [index, value] of one.data.entries()) {
    const distance = Math.abs(value - (other.data[index] ?? Number.NaN));
    max = Math.max(max, distance);
    sum += distance;
  }
  return { max, mean: sum / one.data.length, kl: meanDivergence(one, other) };
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
