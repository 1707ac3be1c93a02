/**
 * Gives numbers of a source tensor by canonical name, row-major: as many as `into` is long, from number `start` on. They
 * are put into `into`, or are those of an array that is not changed.
 */
export type ReadSource = (
  canonicalName: string,
  into: Float32Array,
  start: number,
) => Promise<Float32Array>;

/** Reads weights that are in memory. Throws a `RangeError` for a name they lack. */
export function memorySource(weights: ReadonlyMap<string, Float32Array>): ReadSource {
  return async (name, into, start) => {
    const numbers = weights.get(name);
    if (numbers === undefined) throw new RangeError(`The source has no tensor ${name}.`);
    return numbers.subarray(start, start + into.length);
  };
}
