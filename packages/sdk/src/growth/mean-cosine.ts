import type { Output } from "../models/forward-result.js";

/**
 * Mean cosine of the rows of two outputs of one shape [rows, n]; rows that the mask has a zero for are left out. Rows of zeros count
 * as 0.
 */
export function meanCosine(one: Output, other: Output, mask?: ArrayLike<number>): number {
  const [rows = 0, columns = 0] = one.shape;
  let [sum, count] = [0, 0];
  for (let row = 0; row < rows; row++) {
    if (mask !== undefined && mask[row] === 0) continue;
    count += 1;
    sum += cosine(one.data, other.data, row * columns, columns);
  }
  return count === 0 ? 0 : sum / count;
}

function cosine(one: Output["data"], other: Output["data"], start: number, length: number): number {
  let [product, left, right] = [0, 0, 0];
  for (let index = start; index < start + length; index++) {
    const [a, b] = [one[index] ?? 0, other[index] ?? 0];
    product += a * b;
    left += a * a;
    right += b * b;
  }
  return left > 0 && right > 0 ? product / Math.sqrt(left * right) : 0;
}
