/** Texts that stand for no label: those that pandas reads as missing, and the dash of SNLI. */
const NONE: ReadonlySet<string> = new Set([
  "",
  "-",
  "#N/A",
  "#N/A N/A",
  "#NA",
  "-1.#IND",
  "-1.#QNAN",
  "-NaN",
  "-nan",
  "1.#IND",
  "1.#QNAN",
  "<NA>",
  "N/A",
  "NA",
  "NULL",
  "NaN",
  "None",
  "n/a",
  "nan",
  "null",
]);

/** -1, by which Hugging Face's datasets mark a class that is not known. */
const MINUS_ONE = /^-1(?:\.0*)?$/;

/** Whether a label's text stands for none, among classes and numbers alike. */
export function isNoLabel(text: string): boolean {
  return NONE.has(text);
}

/** Whether a label's text stands for none among classes; among numbers it is one. */
export function isMinusOne(text: string): boolean {
  return MINUS_ONE.test(text);
}
