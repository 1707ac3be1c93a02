import type { LabelReader } from "@ligo/data";

/** A decimal number. One that begins with 0 before another digit is a name, such as a postal code. */
const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/iu;

/** A whole number from 0, perhaps as Python writes a float: 1, 1.0. */
const WHOLE = /^(0|[1-9]\d*)(?:\.0*)?$/u;

/** Whether a label's text is a number. */
export function isNumber(text: string): boolean {
  return NUMBER.test(text) && Number.isFinite(Number(text));
}

/** The digits of a whole number from 0: "1" for 1 and 1.0; `undefined` for other texts, 01 among them. */
export function wholeNumber(text: string): string | undefined {
  return WHOLE.exec(text)?.[1];
}

/** Class names told in messages. */
const TOLD = 10;

/**
 * Reads labels as names of classes, or else as their numbers from 0. Where a class has the number of another one for its name,
 * numbers are names alone, so that none is taken for another class.
 *
 * @param names in the order of the classes
 */
export function classReader(names: readonly string[]): LabelReader {
  const known = new Map(names.map((name, label) => [name, label]));
  const last = names.length - 1;
  const areNames = names.some(
    (name, label) => ![undefined, String(label)].includes(wholeNumber(name)),
  );
  const told = names.length > TOLD ? [...names.slice(0, TOLD), "..."] : names;
  return {
    read(text) {
      const digits = wholeNumber(text);
      const named = known.get(text) ?? (digits === undefined ? undefined : known.get(digits));
      if (named !== undefined || areNames || digits === undefined) return named;
      return Number(digits) <= last ? Number(digits) : undefined;
    },
    expected: areNames ? `one of ${told.join(", ")}` : `0 to ${last}, or ${told.join(", ")}`,
  };
}
