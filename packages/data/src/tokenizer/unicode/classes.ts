import { classBody, complement, membership, type Ranges, readRanges, union } from "./ranges.js";
import { CATEGORIES, CLASSES, PROPERTIES } from "./tables.generated.js";

/*
 * Classes of characters as Hugging Face's tokenizers (Rust) have them. Their crates follow several versions of Unicode, none
 * of which is that of the JavaScript engine, so the classes are recorded from the library instead of taken from the engine.
 */

/** A class that one component of the library asks for. */
export type ClassName = keyof typeof CLASSES;

const kept = new Map<string, Ranges>();

function keep(key: string, make: () => Ranges): Ranges {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  kept.set(key, made);
  return made;
}

/** Code points of a class. */
export function classRanges(name: ClassName): Ranges {
  return keep(`class ${name}`, () => readRanges(CLASSES[name]));
}

/** Whether a code point is of a class. */
export function isOf(name: ClassName): (code: number) => boolean {
  return membership(classRanges(name));
}

/** A regular expression for the characters of a class: one, or with `+` several in a row. */
export function classPattern(name: ClassName, quantifier: "" | "+" = ""): RegExp {
  return new RegExp(`[${classBody(classRanges(name))}]${quantifier}`, "gu");
}

/** `White_Space`, which has been the same since Unicode 6.3. */
export const WHITE_SPACE: Ranges = readRanges("9.4 i 2s q 4bj 1vj.a t.1 5 1b 334");

/**
 * Code points of a property as it is written within `\p{...}` of a pattern: a general category, or one of the recorded
 * properties and scripts. `undefined` for any other.
 */
export function propertyRanges(written: string): Ranges | undefined {
  const name = written
    .replace(/^(?:Script|sc|Script_Extensions|scx|General_Category|gc)=/u, "")
    .replaceAll(/[\s_-]/gu, "")
    .toLowerCase();
  const short = LONG_NAMES[name] ?? name;
  const fixed = FIXED[short];
  if (fixed !== undefined) return fixed;
  const categories = Object.keys(CATEGORIES).filter(
    (one) => one.toLowerCase() === short || one[0]?.toLowerCase() === short,
  );
  const leaves = short === "lc" ? ["Lu", "Ll", "Lt"] : categories;
  if (leaves.length > 0) {
    return keep(`category ${short}`, () =>
      union(leaves.map((one) => readRanges(CATEGORIES[one] ?? ""))),
    );
  }
  const recorded = PROPERTIES[short];
  return recorded === undefined ? undefined : keep(`property ${short}`, () => readRanges(recorded));
}

/** Properties that no version of Unicode changes. */
const FIXED: Readonly<Record<string, Ranges>> = {
  any: [[0, 0x10ffff]],
  ascii: [[0, 0x7f]],
  ahex: [
    [0x30, 0x39],
    [0x41, 0x46],
    [0x61, 0x66],
  ],
  whitespace: WHITE_SPACE,
};

/** Long names of general categories and properties. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  letter: "l",
  casedletter: "lc",
  uppercaseletter: "lu",
  lowercaseletter: "ll",
  titlecaseletter: "lt",
  modifierletter: "lm",
  otherletter: "lo",
  mark: "m",
  combiningmark: "m",
  nonspacingmark: "mn",
  spacingmark: "mc",
  enclosingmark: "me",
  number: "n",
  decimalnumber: "nd",
  letternumber: "nl",
  othernumber: "no",
  punctuation: "p",
  connectorpunctuation: "pc",
  dashpunctuation: "pd",
  openpunctuation: "ps",
  closepunctuation: "pe",
  initialpunctuation: "pi",
  finalpunctuation: "pf",
  otherpunctuation: "po",
  symbol: "s",
  mathsymbol: "sm",
  currencysymbol: "sc",
  modifiersymbol: "sk",
  othersymbol: "so",
  separator: "z",
  spaceseparator: "zs",
  lineseparator: "zl",
  paragraphseparator: "zp",
  other: "c",
  control: "cc",
  cntrl: "cc",
  format: "cf",
  surrogate: "cs",
  privateuse: "co",
  unassigned: "cn",
  asciihexdigit: "ahex",
  xdigit: "ahex",
  wspace: "whitespace",
  space: "whitespace",
  alpha: "alphabetic",
  upper: "uppercase",
  lower: "lowercase",
  digit: "nd",
};

/** The body of a character class for ranges, negated where asked. */
export function bodyOf(ranges: Ranges, isNegated: boolean): string {
  return classBody(isNegated ? complement(ranges) : ranges);
}
