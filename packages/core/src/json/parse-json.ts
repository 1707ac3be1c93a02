import { findDuplicateKey } from "./duplicate-key.js";
import { MAX_DEPTH, parseNested } from "./depth.js";
import { decodeText, withoutByteOrderMark } from "./decode-text.js";
import { keepSpelling, type Spelling } from "./spelling.js";

/** Options of {@link parseJson}. */
export interface ParseJsonOptions {
  /**
   * Whether numbers remember how they were spelled, so that `renderPythonJson` and `renderJson` write 2.0 as 2.0. Default false.
   */
  readonly spelling?: boolean;
  /** Whether a key that occurs twice in one object is refused. Default false: the last one counts, as in Python. */
  readonly unique?: boolean;
}

/**
 * The value of a JSON text that somebody brings: read as Python reads and writes it (`NaN`, `Infinity` and `-Infinity` are
 * numbers), a byte order mark passed over, nested at most {@link MAX_DEPTH} levels. UTF-8 bytes are decoded.
 *
 * Throws a `SyntaxError` whose message is the reason, with line and column: callers name the file, and what to do.
 */
export function parseJson(json: string | Uint8Array, options: ParseJsonOptions = {}): unknown {
  const { spelling = false, unique = false } = options;
  const text = typeof json === "string" ? withoutByteOrderMark(json) : decodeText(json);
  const value = spelling
    ? parseSlowly(text, true)
    : parseNested(text, MAX_DEPTH, () => parseSlowly(text, false));
  const twice = unique ? findDuplicateKey(text) : undefined;
  if (twice !== undefined) throw new SyntaxError(`it has the key ${JSON.stringify(twice)} twice`);
  return value;
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** All but quotes, backslashes and control characters. */
const CHARACTERS = /[ !#-[\]-\uffff]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

const WORDS: readonly (readonly [word: string, value: unknown])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
];

/** A text that is being parsed. */
interface Cursor {
  readonly text: string;
  at: number;
  readonly keepsSpelling: boolean;
}

function parseSlowly(text: string, keepsSpelling: boolean): unknown {
  const cursor: Cursor = { text, at: 0, keepsSpelling };
  const { value } = parseValue(cursor, "", 0);
  skip(cursor, SPACE);
  if (cursor.at < text.length) throw unexpected(cursor, "the end of the file");
  return value;
}

/** A value, and where it is a number its spelling. */
interface Parsed {
  readonly value: unknown;
  readonly spelled?: string;
}

/** @param key key that the value stands under, or the list it stands in */
function parseValue(cursor: Cursor, key: string, depth: number): Parsed {
  skip(cursor, SPACE);
  const { at, text } = cursor;
  const first = text[at];
  if (first === "{") return { value: parseObject(cursor, depth + 1) };
  if (first === "[") return { value: parseList(cursor, key, depth + 1) };
  if (first === '"') return { value: parseString(cursor) };
  const spelled = skip(cursor, NUMBER);
  if (spelled !== "") return { value: Number(spelled), spelled };
  for (const [word, value] of WORDS) {
    if (!text.startsWith(word, at)) continue;
    cursor.at += word.length;
    return typeof value === "number" ? { value, spelled: word } : { value };
  }
  throw unexpected(cursor, "a value");
}

function parseObject(cursor: Cursor, depth: number): object {
  enter(cursor, depth);
  const found: Record<string, unknown> = {};
  const spelling: Spelling = {};
  for (let isFirst = true; !closes(cursor, "}", isFirst); isFirst = false) {
    skip(cursor, SPACE);
    if (cursor.text[cursor.at] !== '"') throw unexpected(cursor, "a key in double quotes");
    const key = parseString(cursor);
    skip(cursor, SPACE);
    if (cursor.text[cursor.at] !== ":") throw unexpected(cursor, "a colon");
    cursor.at++;
    const { spelled, value } = parseValue(cursor, key, depth);
    // assignment would set the prototype
    if (key === "__proto__") Object.defineProperty(found, key, { value, ...OWN });
    else found[key] = value;
    if (spelled === undefined) delete spelling[key];
    else spelling[key] = spelled;
  }
  if (cursor.keepsSpelling) keepSpelling(found, spelling);
  return found;
}

const OWN = { configurable: true, enumerable: true, writable: true } as const;

function parseList(cursor: Cursor, key: string, depth: number): readonly unknown[] {
  enter(cursor, depth);
  const found: unknown[] = [];
  const spelling: Spelling = {};
  for (let isFirst = true; !closes(cursor, "]", isFirst); isFirst = false) {
    const { spelled, value } = parseValue(cursor, key, depth);
    if (spelled !== undefined) spelling[found.length] = spelled;
    found.push(value);
  }
  if (cursor.keepsSpelling) keepSpelling(found, spelling, key);
  return found;
}

/** Passes the bracket that opens an object or a list. */
function enter(cursor: Cursor, depth: number): void {
  if (depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH} levels`);
  cursor.at++;
}

/** Passes the closing bracket, or the comma before a further item. */
function closes(cursor: Cursor, bracket: "}" | "]", isFirst: boolean): boolean {
  skip(cursor, SPACE);
  const next = cursor.text[cursor.at];
  if (next === bracket) {
    cursor.at++;
    return true;
  }
  if (isFirst) return false;
  if (next !== ",") throw unexpected(cursor, `a comma or ${bracket}`);
  cursor.at++;
  return false;
}

function parseString(cursor: Cursor): string {
  const start = cursor.at++;
  let hasEscapes = false;
  for (;;) {
    skip(cursor, CHARACTERS);
    if (cursor.text[cursor.at] === '"') break;
    if (skip(cursor, ESCAPE) === "") throw unexpected(cursor, "the end of a string");
    hasEscapes = true;
  }
  cursor.at++;
  const { at, text } = cursor;
  return hasEscapes ? String(JSON.parse(text.slice(start, at))) : text.slice(start + 1, at - 1);
}

/** Passes what a sticky pattern matches, and returns it. */
function skip(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const [found = ""] = pattern.exec(cursor.text) ?? [];
  cursor.at += found.length;
  return found;
}

function unexpected({ at, text }: Cursor, expected: string): SyntaxError {
  const before = text.slice(0, at).split("\n");
  const place = `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
  const found = at < text.length ? JSON.stringify(text.slice(at, at + 12)) : "the end of the file";
  return new SyntaxError(`${place}: ${found} instead of ${expected}`);
}
