import { classBody, readRanges, union } from "./ranges.js";
import { CATEGORIES, INERT, LOWER_CASE } from "./tables.generated.js";

/** A form of Unicode normalisation. */
export type Form = "NFC" | "NFD" | "NFKC" | "NFKD";

const ASCII = /^[\0-\x7f]*$/u;

/**
 * Characters that the library's tables of normalisation do not know, but the engine's may, now or in a later version: they
 * neither decompose nor compose nor change places.
 */
const inertRanges = union([readRanges(INERT), readRanges(CATEGORIES["Cn"] ?? "")]);
const inert = new RegExp(`([${classBody(inertRanges)}]+)`, "u");

/** Normalises a text as the library does. */
export function normalForm(text: string, form: Form): string {
  if (ASCII.test(text)) return text;
  if (!inert.test(text)) return text.normalize(form);
  return text
    .split(inert)
    .map((part, index) => (index % 2 === 0 ? part.normalize(form) : part))
    .join("");
}

const lowered = new Map(
  LOWER_CASE.split(" ").map((pair) => {
    const [from = "", to = ""] = pair.split(">");
    return [String.fromCodePoint(Number.parseInt(from, 36)), codePoints(to)] as const;
  }),
);

function codePoints(text: string): string {
  return String.fromCodePoint(...text.split(".").map((code) => Number.parseInt(code, 36)));
}

/** Letters whose lower case depends on the version of Unicode of the engine. */
const recentLetters = new RegExp(
  `[${classBody([...lowered.keys()].map((letter) => [letter.codePointAt(0) ?? 0, letter.codePointAt(0) ?? 0]))}]`,
  "gu",
);

/** Lower case letter by letter: a capital sigma has no other form at the end of a word. */
export function lowerCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text
    .replaceAll(recentLetters, (letter) => lowered.get(letter) ?? letter)
    .replaceAll("Σ", "σ")
    .toLowerCase();
}
