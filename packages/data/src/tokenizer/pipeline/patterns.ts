import { toRegExpDetails } from "oniguruma-to-es";
import { bodyOf, propertyRanges, WHITE_SPACE } from "../unicode/classes.js";
import { isObject, type JsonPart, TokenizerFault, wrong } from "./json-part.js";
import { withinDeadline } from "./deadline.js";

/** What a tokenizer looks for in a text. */
export interface Pattern {
  /** Its source, for error messages. */
  readonly source: string;
  /** Whether it may need more than linear time, and is searched with a deadline. */
  readonly isWatched: boolean;
  /** Calls `visit` with start and end of every match, from left to right. */
  forEach(text: string, visit: (start: number, end: number) => void): void;
}

/**
 * Patterns of published tokenizers (GPT-2 and its followers; Llama 3, and cl100k before it; Qwen 2; o200k), which take linear
 * time.
 */
const LINEAR: ReadonlySet<string> = new Set([
  String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
]);

/** One character, class or escape, and a quantifier: there is nothing to go back over. */
const SIMPLE =
  /^(?:[^\\[\](){}.*+?^$|]|\\[^0-9bBAzZGkg]|\\[pP]\{\w+\}|\[\^?(?:[^\\[\]&]|\\.)+\])(?:[+]|\{\d+,?\})?$/u;

/** Longest source of a pattern; published ones have some hundred characters. */
const LONGEST = 20_000;

/** Reads a pattern of `tokenizer.json`: `{"String": ...}` or `{"Regex": ...}`, in the syntax of Oniguruma. */
export function readPattern(part: JsonPart, key: string): Pattern {
  const pattern = part[key];
  if (!isObject(pattern)) throw wrong(part, key, `{"String": ...} or {"Regex": ...}`);
  const { Regex, String: literal } = pattern;
  if (typeof literal === "string") return literalPattern(literal);
  if (typeof Regex !== "string") throw wrong(part, key, `{"String": ...} or {"Regex": ...}`);
  return regexPattern(Regex);
}

function literalPattern(literal: string): Pattern {
  return {
    source: literal,
    isWatched: false,
    forEach(text, visit) {
      if (literal === "") return;
      for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length))
        visit(at, at + literal.length);
    },
  };
}

/** A pattern in the syntax of Oniguruma. */
export function regexPattern(source: string): Pattern {
  const regex = compile(source);
  const isWatched = !LINEAR.has(source) && !SIMPLE.test(source);
  const search = (text: string, visit: (start: number, end: number) => void): void => {
    let [from, last] = [0, -1];
    while (from <= text.length) {
      regex.lastIndex = from;
      const match = regex.exec(text);
      if (match === null) return;
      const [start, end] = [match.index, match.index + match[0].length];
      // an empty match right behind another is none, and the search goes on behind the next character
      if (start === end && end === last) {
        from += (text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1;
        continue;
      }
      [from, last] = [end, end];
      visit(start, end);
    }
  };
  return {
    source,
    isWatched,
    forEach: isWatched
      ? (text, visit) => withinDeadline(text.length, source, () => search(text, visit))
      : search,
  };
}

function compile(source: string): RegExp {
  const shown = JSON.stringify(source.length > 200 ? `${source.slice(0, 200)}...` : source);
  if (source.length > LONGEST) throw new TokenizerFault(`its pattern ${shown} is too long`);
  try {
    const { pattern, flags, options } = toRegExpDetails(spelledOut(source), {
      global: true,
      target: "ES2024",
      accuracy: "strict",
    });
    if (options?.strategy !== undefined) {
      throw new TokenizerFault(`its pattern ${shown} has no equal in JavaScript`, true);
    }
    return new RegExp(recordedClasses(pattern), flags);
  } catch (error) {
    if (error instanceof TokenizerFault) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TokenizerFault(`its pattern ${shown} cannot be read: ${reason}`);
  }
}

/** Characters of words in Oniguruma; outside of a class of characters some of Latin-1 are more. */
const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}`;
const OUTSIDE = WORD + String.raw`\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE}`;
const EDGE = `(?:(?<=[${OUTSIDE}])(?![${OUTSIDE}])|(?<![${OUTSIDE}])(?=[${OUTSIDE}]))`;
const NO_EDGE = `(?:(?<=[${OUTSIDE}])(?=[${OUTSIDE}])|(?<![${OUTSIDE}])(?![${OUTSIDE}]))`;
const SPELLED: Readonly<Record<string, string>> = {
  [String.raw`\w`]: `[${OUTSIDE}]`,
  [String.raw`\W`]: `[^${OUTSIDE}]`,
  [String.raw`\b`]: EDGE,
  [String.raw`\B`]: NO_EDGE,
};
const SPELLED_INSIDE: Readonly<Record<string, string>> = {
  [String.raw`\w`]: `[${WORD}]`,
  [String.raw`\W`]: `[^${WORD}]`,
};

/** Writes words and their edges as the classes of characters that they are to this version of Oniguruma. */
function spelledOut(source: string): string {
  if (/\[:\^?word:\]|\\[pP]\{\^?word\}/iu.test(source)) {
    throw new TokenizerFault("the class of words of its pattern is not supported", true);
  }
  let [written, depth] = ["", 0];
  for (const token of source.match(/\\?[\s\S]/gu) ?? []) {
    if (token === "[") depth++;
    else if (token === "]" && depth > 0) depth--;
    written += (depth > 0 ? SPELLED_INSIDE : SPELLED)[token] ?? token;
  }
  return written;
}

/** Puts the recorded classes of characters in the place of those of the engine. */
function recordedClasses(pattern: string): string {
  let [written, depth] = ["", 0];
  for (let at = 0; at < pattern.length;) {
    const property = /^\\(p|P)\{([^}]+)\}/u.exec(pattern.slice(at, at + 80));
    if (property !== null) {
      const [whole, kind, name = ""] = property;
      const ranges = propertyRanges(name);
      if (ranges === undefined) {
        throw new TokenizerFault(`the property ${whole} of its pattern is not supported`, true);
      }
      const body = bodyOf(ranges, kind === "P");
      written += depth > 0 ? body : `[${body}]`;
      at += whole.length;
      continue;
    }
    const escaped = pattern.slice(at, at + 2);
    if (escaped === String.raw`\s` || escaped === String.raw`\S`) {
      const body = bodyOf(WHITE_SPACE, escaped === String.raw`\S`);
      written += depth > 0 ? body : `[${body}]`;
      at += 2;
      continue;
    }
    const taken = pattern[at] === "\\" ? escaped : pattern.charAt(at);
    if (taken === "[") depth++;
    else if (taken === "]") depth--;
    written += taken;
    at += taken.length;
  }
  return written;
}
