import { TokenizerFault } from "./json-part.js";

/** Longest grapheme, in bytes, that is looked up as a whole. */
const LONGEST_GRAPHEME = 5;

/** Characters beyond ASCII with those around them: what may be more than one code point to a reader. */
const WIDE = /(?:[\0-\x7f]?[^\0-\x7f])+(?:\r\n|[\0-\x7f])?|\r\n/gu;

/**
 * Sentencepiece's compiled map of characters: the size of a double array (uint32, little-endian), the array, and the texts
 * that characters are replaced by, each closed by a zero.
 *
 * @param encoded base64
 * @throws TokenizerFault where it is damaged
 */
export function readCharsmap(encoded: string): (text: string) => string {
  const bytes = Buffer.from(encoded, "base64");
  const size = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  if (size === 0 || size % 4 !== 0 || 4 + size > bytes.length) {
    throw new TokenizerFault("its precompiled map of characters is damaged");
  }
  const units = Uint32Array.from({ length: size / 4 }, (_, at) => bytes.readUInt32LE(4 + 4 * at));
  const texts = bytes.subarray(4 + size);
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  const known = new Map<string, string | undefined>();
  const lookUp = (part: string): string | undefined => {
    if (known.has(part)) return known.get(part);
    const at = firstPrefix(units, Buffer.from(part));
    const end = at === undefined ? -1 : texts.indexOf(0, at);
    const found =
      at === undefined ? undefined : texts.toString("utf8", at, end < 0 ? texts.length : end);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(part, found);
    return found;
  };
  const mapGrapheme = (grapheme: string): string => {
    const isShort = Buffer.byteLength(grapheme) <= LONGEST_GRAPHEME;
    const all = isShort ? lookUp(grapheme) : undefined;
    return all ?? Array.from(grapheme, (character) => lookUp(character) ?? character).join("");
  };
  const mapWide = (stretch: string): string =>
    Array.from(segmenter.segment(stretch), ({ segment }) => mapGrapheme(segment)).join("");
  const ascii = Array.from({ length: 0x80 }, (_, code) => lookUp(String.fromCharCode(code)));
  const isPlain = ascii.slice(0x20, 0x7f).every((one) => one === undefined);
  const mapAscii = (stretch: string): string =>
    isPlain && VISIBLE.test(stretch)
      ? stretch
      : Array.from(stretch, (letter) => ascii[letter.charCodeAt(0)] ?? letter).join("");
  return (text) => {
    if (isPlain && VISIBLE.test(text)) return text;
    let [mapped, before] = ["", 0];
    for (const { 0: stretch, index } of text.matchAll(WIDE)) {
      mapped += mapAscii(text.slice(before, index)) + mapWide(stretch);
      before = index + stretch.length;
    }
    return mapped + mapAscii(text.slice(before));
  };
}

const VISIBLE = /^[ -~]*$/u;

/** Parts whose texts are remembered. */
const MOST_KNOWN = 2 ** 16;

/** Value of the shortest key of a double array that a text begins with. */
function firstPrefix(units: Uint32Array, key: Uint8Array): number | undefined {
  let node = offsetOf(units[0] ?? 0);
  for (const byte of key) {
    if (byte === 0) return undefined;
    node ^= byte;
    const unit = units[node];
    if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined;
    node ^= offsetOf(unit);
    if (((unit >>> 8) & 1) === 1) return (units[node] ?? 0) & 0x7fffffff;
  }
  return undefined;
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
