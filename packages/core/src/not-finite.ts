/** Index of the first NaN or infinity; -1 where all numbers are finite. Many times as fast as `findIndex`. */
export function findNotFinite(values: Float32Array): number {
  const at = (index: number): number => values[index] as number;
  let index = 0;
  for (; index + 3 < values.length; index += 4) {
    // A finite number minus itself is 0, NaN and infinities give NaN.
    const zeros =
      at(index) -
      at(index) +
      (at(index + 1) - at(index + 1)) +
      (at(index + 2) - at(index + 2)) +
      (at(index + 3) - at(index + 3));
    if (zeros !== 0) break;
  }
  for (; index < values.length; index++) if (!Number.isFinite(at(index))) return index;
  return -1;
}
