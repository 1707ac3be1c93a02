/** Strings of JSON, and the numbers that Python writes and JSON lacks. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/gu;

/** Values in JSON's own terms: `NaN` is how Python writes what is missing, and no number is larger than 1e999. */
const NUMBERS: Readonly<Record<string, string>> = {
  NaN: "null",
  "-NaN": "null",
  Infinity: "1e999",
  "-Infinity": "-1e999",
};

/** Parses JSON, also where Python wrote `NaN` (which is null here), `Infinity` or `-Infinity` for a number. Throws `SyntaxError`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const plain = text.replaceAll(STRING_OR_NUMBER, (found) => NUMBERS[found] ?? found);
    if (plain === text) throw error;
    return JSON.parse(plain);
  }
}
