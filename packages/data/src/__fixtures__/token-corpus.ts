/* Texts that tokenizers are compared on: the same as tooling/fixtures/token_corpus.py makes. */

const SPACES = [
  0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x20, 0x20, 0x20, 0x85, 0xa0, 0x1680, 0x2003, 0x2028, 0x2029,
  0x202f, 0x205f, 0x3000, 0x200b, 0xfeff,
];
const SCRIPTS: readonly (readonly [number, number])[] = [
  [0xc0, 0x24f],
  [0x370, 0x3ff],
  [0x400, 0x52f],
  [0x531, 0x58f],
  [0x591, 0x5f4],
  [0x600, 0x6ff],
  [0x900, 0x97f],
  [0xe01, 0xe5b],
  [0x10a0, 0x10ff],
  [0x1e00, 0x1fff],
  [0x3041, 0x30ff],
  [0x13a0, 0x13fd],
  [0x1200, 0x137c],
  [0xff01, 0xffee],
  [0x1d400, 0x1d7ff],
  [0x10400, 0x1044f],
  [0x2070, 0x218b],
  [0xfb00, 0xfb4f],
  [0x1c80, 0x1cbf],
];
const LITERALS = [
  "[MASK]",
  "<mask>",
  "</s>",
  "<|endoftext|>",
  "[SEP]",
  "<s>",
  "cov",
  "Cov",
  "co",
  "covid",
  "\u00e9cole",
  "<x>",
  " <y> ",
  "'s",
  "'LL",
  "'\u017f",
  "'re",
  "\u0130",
  "\u03a3",
  "\u1e9e",
  "\ufb01",
  "\u00bd",
  "\u01c5",
  "\u2581",
  "\u2581\u2581",
  "##a",
  "\r\n",
  "  ",
  "\u0120",
  "``",
  "don't",
];
const EMOJI = [
  "\u{1f642}",
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
  "\u{1f1e8}\u{1f1ed}",
  "\u{1f44d}\u{1f3fd}",
  "\u2764\ufe0f",
  "\u00a9\u200d\u00a9",
  "#\ufe0f\u20e3",
  "\u{1f3f4}\u200d\u2620\ufe0f",
];

/** Whole numbers below a limit, by xorshift32. */
type Below = (limit: number) => number;

function randomBelow(seed: number): Below {
  let state = Number((BigInt(seed) * 2654435761n + 88172645n) % 2n ** 32n) || 1;
  return (limit) => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return state % limit;
  };
}

const character = String.fromCodePoint;

function repeated(count: number, make: () => string): string {
  let text = "";
  for (let left = count; left > 0; left--) text += make();
  return text;
}

function part(below: Below): string {
  const kind = below(24);
  const pick = (list: readonly string[]): string => list[below(list.length)] as string;
  if (kind < 6) {
    const base = below(5) === 0 ? 65 : 97;
    return repeated(1 + below(8), () => character(base + below(26)));
  }
  if (kind < 8) return repeated(1 + below(5), () => character(48 + below(10)));
  if (kind < 12) return character(SPACES[below(SPACES.length)] as number);
  if (kind === 12) return character(33 + below(15));
  if (kind < 15) {
    const [first, last] = SCRIPTS[below(SCRIPTS.length)] as readonly [number, number];
    return repeated(1 + below(4), () => character(first + below(last - first + 1)));
  }
  if (kind === 15) return character(0x300 + below(112));
  if (kind === 16) return pick(EMOJI);
  if (kind === 17) return character(below(0xa0));
  if (kind === 18) return character((below(3) === 0 ? 0x20000 : 0x4e00) + below(0x2000));
  if (kind === 19) {
    const code = below(0x20000);
    return code >= 0xd800 && code < 0xe000 ? "?" : character(code);
  }
  if (kind < 22) return pick(LITERALS);
  if (kind === 22) {
    const letter = character(97 + below(26));
    const count = 90 + below(30);
    return below(8) === 0 ? letter.repeat(count) : ".";
  }
  return character((below(2) === 0 ? 0x1100 : 0xac00) + below(0x100));
}

/** A text of letters of many scripts, white space of every kind, marks, emoji, control characters and added tokens. */
export function corpusText(index: number): string {
  const below = randomBelow(index);
  return repeated(1 + below(12), () => part(below));
}

/** Every code point to `last`, alone and between letters. */
export function codePointTexts(last: number): string[] {
  const texts: string[] = [];
  for (let code = 0; code <= last; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    texts.push(character(code), `a${character(code)}b`);
  }
  return texts;
}

/** One number of the ids of several texts: FNV-1a over ids and ends of texts. */
export function hashOfIds(rows: readonly (readonly number[])[]): number {
  let value = 0x811c9dc5;
  for (const row of rows) {
    for (const id of row) value = Math.imul(value ^ id, 0x01000193) >>> 0;
    value = Math.imul(value ^ 0xffffff, 0x01000193) >>> 0;
  }
  return value;
}
