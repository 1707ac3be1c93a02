/** A whole number of things that exists: a non-negative safe integer, and not -0. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/** Elements of a tensor of this shape (1 for a scalar), or `undefined` where the number is beyond 2^53. */
export function elementCount(shape: readonly number[]): number | undefined {
  if (shape.includes(0)) return 0;
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

/** A shape for a message: `[2, 3]`. */
export function formatShape(shape: readonly unknown[]): string {
  const shown = shape.slice(0, 8).map((size) => JSON.stringify(size) ?? "?");
  return `[${shown.join(", ")}${shape.length > 8 ? ", ..." : ""}]`;
}

/** Coordinates of the flat element `index` (row-major) of a tensor of this shape: `[row, column]`. */
export function coordinates(shape: readonly number[], index: number): number[] {
  const result: number[] = [];
  let rest = index;
  for (const size of shape.toReversed()) {
    result.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return result;
}
