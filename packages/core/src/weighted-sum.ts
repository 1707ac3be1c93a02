import type { Lease } from "./scratch.js";

export interface WeightedPart {
  readonly weight: number;
  /** The numbers; they are used before the next part's are asked for. */
  readonly data: () => Promise<Float32Array>;
}

/** A weighted sum, formed in float64. One part is in memory at a time, beside the sum. */
export async function weightedSum(
  parts: readonly WeightedPart[],
  into: Float32Array,
  scratch: Pick<Lease, "float64">,
): Promise<void> {
  const [only] = parts;
  if (only === undefined) {
    into.fill(0);
  } else if (parts.length === 1) {
    scale(await only.data(), only.weight, into);
  } else {
    const sum = scratch.float64(into.length);
    for (const [index, { weight, data }] of parts.entries()) {
      const numbers = await data();
      if (index === 0) begin(numbers, weight, sum);
      else if (index < parts.length - 1) add(numbers, weight, sum);
      else finish(numbers, weight, sum, into);
    }
  }
}

// One loop for each pair of array types: a loop over either is several times slower.

function scale(data: Float32Array, weight: number, into: Float32Array): void {
  for (let index = 0; index < into.length; index++) into[index] = weight * (data[index] as number);
}

function begin(data: Float32Array, weight: number, sum: Float64Array): void {
  for (let index = 0; index < sum.length; index++) sum[index] = weight * (data[index] as number);
}

function add(data: Float32Array, weight: number, sum: Float64Array): void {
  for (let index = 0; index < sum.length; index++)
    (sum[index] as number) += weight * (data[index] as number);
}

function finish(data: Float32Array, weight: number, sum: Float64Array, into: Float32Array): void {
  for (let index = 0; index < into.length; index++)
    into[index] = (sum[index] as number) + weight * (data[index] as number);
}
