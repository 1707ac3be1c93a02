/** A count or a place that a parquet file states, as a number. Throws an `Error` for one that can be neither. */
export function wholeNumber(value: bigint | number | undefined, what: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`${what} cannot be ${String(value)}`);
}
