import { DataError } from "./data-error.js";

/** Returns the value of a setting if it is an integer of at least `least`, else throws `data/bad-option`. */
export function checkInteger(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new DataError(
    "data/bad-option",
    `\`${name}\` is ${value}; give an integer of at least ${least}.`,
    { expected: `an integer >= ${least}`, actual: String(value) },
  );
}
