import { LONGEST_REMEMBERED } from "./piece-table.js";

/** Ids of a text. */
export type Encode = (text: string) => readonly number[];

type Json = Readonly<Record<string, unknown>>;

/** Most bytes of a word that is remembered: a UTF-16 unit is three bytes at most. */
const MOST_BYTES = 3 * LONGEST_REMEMBERED;

/** Whether a byte stands for itself in a byte-level vocabulary, as the visible characters of Latin-1 do. */
function isVisible(byte: number): boolean {
  return (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
}

/** The character that stands for each byte in a byte-level vocabulary: itself, or one of those from U+0100 on. */
const BYTE_CHARACTERS: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  if (isVisible(byte)) return String.fromCharCode(byte);
  const hidden = Array.from({ length: byte }, (__, before) => before).filter(
    (before) => !isVisible(before),
  );
  return String.fromCharCode(0x100 + hidden.length);
});

/**
 * Byte-pair encoding of a word: its bytes, of which the pair of lowest rank is joined, the leftmost of several, until there is
 * none. `undefined` for models that do more, or whose vocabulary lacks a token that can come out.
 *
 * @param idOf id of a token
 * @param otherwise for words that are too long for a search of all pairs
 */
export function bytePairEncoder(
  model: Json,
  idOf: (token: string) => number | undefined,
  otherwise: Encode,
): Encode | undefined {
  const extras = ["end_of_word_suffix", "continuing_subword_prefix", "continuing_subword_suffix"];
  if (extras.some((name) => (model[name] ?? "") !== "")) return undefined;
  if (model["ignore_merges"] === true || !Array.isArray(model["merges"])) return undefined;
  const ids: number[] = [];
  const places = new Map<string, number>();
  const placeOf = (token: string): number | undefined => {
    const known = places.get(token);
    if (known !== undefined) return known;
    const id = idOf(token);
    if (id === undefined) return undefined;
    places.set(token, ids.length);
    return ids.push(id) - 1;
  };
  const bytes = BYTE_CHARACTERS.map(placeOf);
  if (bytes.includes(undefined)) return undefined;
  const joined: number[] = [];
  // by left * 2^24 + right, as there are fewer tokens
  const ranks = new Map<number, number>();
  for (const merge of model["merges"] as readonly (string | readonly string[])[]) {
    const [left = "", right = ""] = typeof merge === "string" ? merge.split(" ", 2) : merge;
    const [first, second, both] = [placeOf(left), placeOf(right), placeOf(left + right)];
    if (first === undefined || second === undefined || both === undefined) return undefined;
    ranks.set(first * 2 ** 24 + second, joined.push(both) - 1);
  }
  return (word) => {
    const parts = Array.from(Buffer.from(word), (byte) => bytes[byte] as number);
    if (parts.length > MOST_BYTES) return otherwise(word);
    for (;;) {
      let [best, at] = [Number.POSITIVE_INFINITY, -1];
      for (let place = 1; place < parts.length; place++) {
        const rank = ranks.get((parts[place - 1] as number) * 2 ** 24 + (parts[place] as number));
        if (rank !== undefined && rank < best) [best, at] = [rank, place - 1];
      }
      if (at < 0) return parts.map((part) => ids[part] as number);
      parts.splice(at, 2, joined[best] as number);
    }
  };
}

/**
 * Word pieces of a normalised word in ASCII: the longest token it begins with, then the longest that continues it. `undefined`
 * for a model without an unknown token.
 */
export function wordPieceEncoder(
  model: Json,
  idOf: (token: string) => number | undefined,
): Encode | undefined {
  const unknown = idOf(String(model["unk_token"]));
  if (unknown === undefined) return undefined;
  const prefix = String(model["continuing_subword_prefix"]);
  const longest = Number(model["max_input_chars_per_word"] ?? 100);
  return (word) => {
    if (word.length > longest) return [unknown];
    const ids: number[] = [];
    for (let start = 0; start < word.length;) {
      let [id, end] = [undefined as number | undefined, word.length];
      for (; end > start; end--) {
        const piece = word.slice(start, end);
        id = idOf(start === 0 ? piece : prefix + piece);
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknown];
      ids.push(id);
      start = end;
    }
    return ids;
  };
}
