import { expect, test } from "vitest";
import { createTokenizer } from "../tokenizer.js";
import { regexPattern } from "./patterns.js";
import { BEHAVIORS, cutAt } from "./split.js";

function matches(source: string, text: string): string[] {
  const found: string[] = [];
  regexPattern(source).forEach(text, (start, end) => found.push(text.slice(start, end)));
  return found;
}

test.each([
  { source: String.raw`\p{N}{1,3}`, text: "12345", expected: ["123", "45"] },
  { source: String.raw`\p{Lu}|\p{Han}`, text: "aBc中", expected: ["B", "中"] },
  // a surrogate pair is one character, and the white space of JavaScript is not that of Unicode
  { source: String.raw`.`, text: "a\u{1f642}b", expected: ["a", "\u{1f642}", "b"] },
  { source: String.raw`\s`, text: "\ufeff\u0085 ", expected: ["\u0085", " "] },
  // a number that is no digit is no part of a word, but some of Latin-1 are
  { source: String.raw`\w+`, text: "a\u09f4b²", expected: ["a", "b²"] },
  { source: String.raw`[\w]+`, text: "b²", expected: ["b"] },
  // possessive: what is taken is not given back
  { source: String.raw`a++ab|.`, text: "aab", expected: ["a", "a", "b"] },
  { source: "(?i:'s)", text: "'S'\u017f", expected: ["'S", "'\u017f"] },
  // an empty match right behind another is none
  { source: String.raw`x*`, text: "xxa", expected: ["xx", ""] },
])("$source matches as in Oniguruma", ({ source, text, expected }) => {
  expect(matches(source, text)).toEqual(expected);
});

test("the behaviours of a cut are those of the library", () => {
  const cuts = BEHAVIORS.map((behavior) => {
    const parts: string[] = [];
    cutAt(regexPattern("-"), behavior)("the-final--countdown", true, (part) => parts.push(part));
    return [behavior, parts.join("|")];
  });
  expect(Object.fromEntries(cuts)).toEqual({
    Removed: "the|final|countdown",
    Isolated: "the|-|final|-|-|countdown",
    MergedWithPrevious: "the-|final-|-|countdown",
    MergedWithNext: "the|-final|-|-countdown",
    Contiguous: "the|-|final|--|countdown",
  });
});

const model = { type: "WordLevel", vocab: { "?": 0, a: 1 }, unk_token: "?" };
const splitting = (regex: string) => ({
  model,
  pre_tokenizer: { type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false },
});
const options = { requireMask: false, name: "here.json" };

test.each(["(a", String.raw`\p{Nonsense}`, "[[:word:]]", "a".repeat(30_000), "(?<x>a)\\g<y>"])(
  "a pattern that cannot be used is an error that names file and pattern: %s",
  (regex) => {
    expect(() => createTokenizer({ tokenizer: splitting(regex), config: {} }, options)).toThrow(
      expect.objectContaining({ file: "here.json" }) as Error,
    );
  },
);

test("a pattern without end on a text is an error, one that is only slow on others is none", () => {
  const tokenizer = createTokenizer({ tokenizer: splitting("(a+)+$"), config: {} }, options);
  expect(tokenizer.encode("aab")).toEqual([0]);
  expect(tokenizer.encodeAll(["a", "b"])).toEqual([[1], [0]]);
  const text = `${"a".repeat(60)}b`;
  for (const encode of [() => tokenizer.encode(text), () => tokenizer.encodeAll(["a", text])]) {
    expect(encode).toThrow(
      expect.objectContaining({
        code: "data/bad-tokenizer",
        file: "here.json",
        message: expect.stringContaining("(a+)+$") as string,
      }) as Error,
    );
  }
  expect(tokenizer.encode("a")).toEqual([1]);
}, 60_000);
