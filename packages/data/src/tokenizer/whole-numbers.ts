/** Strings of a JSON text in order, each perhaps the key of a number that is written with a fraction or an exponent. */
const STRINGS = /"((?:[^"\\]|\\.)*)"(?:\s*:\s*-?\d+([.eE]))?/gu;

/** Keys of `tokenizer.json` whose numbers are none of whole ones. */
const FRACTIONS: ReadonlySet<string> = new Set(["dropout"]);

/**
 * The first key of a `tokenizer.json` whose number should be whole and is written as 2.0 or 2e3, which Hugging Face's own library
 * refuses; `undefined` where there is none. The text must be valid JSON.
 */
export function fractionIn(json: string): string | undefined {
  for (const [, key = "", mark] of json.matchAll(STRINGS)) {
    if (mark !== undefined && !FRACTIONS.has(key)) return key;
  }
  return undefined;
}
