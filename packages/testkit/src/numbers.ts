import type { Numbers } from "@ligo/engine";

/** The largest |a - b|; infinite where lengths differ or a number is none. */
export function largestDifference(a: Numbers, b: Numbers): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let index = 0; index < a.length; index++) {
    const difference = Math.abs((a[index] as number) - (b[index] as number));
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}

/** The largest |x|. */
export function largestMagnitude(values: Numbers): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** Whether two arrays hold the same bits. */
export function sameBits(a: Uint8Array | Float32Array, b: Uint8Array | Float32Array): boolean {
  const bytes = (array: Uint8Array | Float32Array): Buffer =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return bytes(a).equals(bytes(b));
}

/** A shape as problems print it. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** A number as problems print it. */
export function scientific(value: number): string {
  return value.toExponential(1);
}
