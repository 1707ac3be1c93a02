import { OperatorError } from "../errors/operator-error.js";

/** The entries of an operator file's metadata. */
export type OperatorMetadata = Readonly<Record<string, string>>;

/** A number that is not negative; `undefined` where there is none. Throws `operator/metadata`. */
export function decodeNumber(
  metadata: OperatorMetadata,
  key: string,
  expected: string,
): number | undefined {
  const text = metadata[key];
  if (text === undefined) return undefined;
  // what String() makes of a finite number
  const value = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw wrongMetadata("operator/metadata", key, expected, text);
}

/** The one of some values that an entry names. Throws `operator/metadata`. */
export function oneOf<Value extends string>(
  key: string,
  values: readonly Value[],
  actual: string | undefined,
): Value {
  const found = values.find((value) => value === actual);
  if (found !== undefined) return found;
  throw wrongMetadata("operator/metadata", key, values.join(" or "), actual);
}

export function wrongMetadata(
  code: string,
  key: string,
  expected: string,
  actual: string | undefined,
): OperatorError {
  const text = actual === undefined ? "absent" : `"${actual}"`;
  return new OperatorError(
    code,
    `The operator file's metadata entry "${key}" is ${text}, expected ${expected}.`,
    { expected, actual: actual ?? "absent" },
  );
}
