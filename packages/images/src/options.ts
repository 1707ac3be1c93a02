import { ImageError } from "./image-error.js";

/** Returns `value` if it is an integer of at least `least`, else throws `images/bad-option`. */
export function checkInteger(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw badOption(name, value, `an integer of at least ${least}`);
}

/** Returns `value` if it is a number from `least` to `most`, else throws `images/bad-option`. */
export function checkNumber(name: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw badOption(name, value, `a number from ${least} to ${most}`);
}

/** `images/bad-option` for an option of this name. */
export function badOption(name: string, value: number, expected: string): ImageError {
  return new ImageError("images/bad-option", `\`${name}\` is ${value}; give ${expected}.`, {
    expected,
    actual: String(value),
  });
}
