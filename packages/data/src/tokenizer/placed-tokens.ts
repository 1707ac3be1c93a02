import { createBoundedCache } from "@ligo/core/stream";
import type { Encode } from "./models/vocabulary.js";
import { CHINESE } from "./pipeline/normalizers.js";
import { bodyOf, classPattern, isOf, WHITE_SPACE } from "./unicode/classes.js";
import { lowerCase, normalForm } from "./unicode/text-forms.js";
import type { CutRules } from "./fast/remembered-words.js";

/** Ids of a text, and the stretch of it that each stands for, in UTF-16 units; the white space around a stretch is left out. */
export interface PlacedTokens {
  readonly ids: readonly number[];
  readonly starts: readonly number[];
  /** End of each, exclusive. */
  readonly ends: readonly number[];
}

/** Places the tokens of a text; `undefined` for a text whose tokens do not add up to it. */
export type EncodePlaced = (text: string) => PlacedTokens | undefined;

type Json = Readonly<Record<string, unknown>>;
type Place = readonly [start: number, end: number];

interface PlacedStretch {
  readonly ids: readonly number[];
  readonly places: readonly Place[];
}

/** Stretches of text whose tokens are remembered. */
const REMEMBERED = 2 ** 16;

/**
 * Finds where the tokens of a text stand in it, as the offsets of Hugging Face's tokenizers say. `undefined` for tokenizers
 * that are neither BERT's nor byte-level BPE.
 */
export function placedEncoder(encode: Encode, rules: CutRules): EncodePlaced | undefined {
  const part = (name: string): Json => (rules.tokenizer[name] ?? {}) as Json;
  const [model, normalizer, cutter] = [part("model"), part("normalizer"), part("pre_tokenizer")];
  const isBert =
    model["type"] === "WordPiece" &&
    cutter["type"] === "BertPreTokenizer" &&
    normalizer["type"] === "BertNormalizer";
  if (isBert) return whenUsed(() => wordPiecePlaces(encode, model, normalizer));
  const isByteLevel =
    model["type"] === "BPE" &&
    cutter["type"] === "ByteLevel" &&
    (rules.tokenizer["normalizer"] ?? null) === null;
  return isByteLevel ? whenUsed(() => byteLevelPlaces(encode, rules, model, cutter)) : undefined;
}

/** Made by the first text: most who load a tokenizer place nothing, and a table of all tokens takes its time. */
function whenUsed(make: () => EncodePlaced): EncodePlaced {
  let made: EncodePlaced | undefined;
  return (text) => (made ??= make())(text);
}

/** Texts of tokens by id. */
function tokensById(model: Json): ReadonlyMap<number, string> {
  const vocabulary = model["vocab"] as Readonly<Record<string, number>>;
  return new Map(Object.entries(vocabulary).map(([token, id]) => [id, token]));
}

/** Every character of a byte-level token stands for a byte. */
function byteLevelPlaces(
  encode: Encode,
  { added }: CutRules,
  model: Json,
  cutter: Json,
): EncodePlaced {
  const tokens = tokensById(model);
  const whole = new Set(added.map(({ content }) => content));
  const bytesOf = (id: number): number => {
    const token = tokens.get(id) ?? "";
    return whole.has(token) ? Buffer.byteLength(token) : token.length;
  };
  return (text) => {
    const isPrefixed = cutter["add_prefix_space"] === true && !text.startsWith(" ");
    const { ends: unitEnds, starts: unitStarts } = charactersOfBytes(text);
    const ids = encode(text);
    const [starts, ends]: [number[], number[]] = [[], []];
    let byte = isPrefixed && text !== "" ? -1 : 0;
    for (const id of ids) {
      const last = byte + bytesOf(id);
      // a token may begin and end within a character, all of which is then its own
      let [start, end] = [unitStarts[Math.max(0, byte)] ?? text.length, unitEnds[last - 1] ?? 0];
      while (start < end && /\s/u.test(text.charAt(start))) start++;
      while (start < end && /\s/u.test(text.charAt(end - 1))) end--;
      starts.push(start);
      ends.push(end);
      byte = last;
    }
    return byte === unitStarts.length ? { ids, starts, ends } : undefined;
  };
}

/** Start and end of the character of every byte of a text, in UTF-16 units. */
function charactersOfBytes(text: string): Readonly<Record<"starts" | "ends", Int32Array>> {
  const bytes = Buffer.byteLength(text);
  const [starts, ends] = [new Int32Array(bytes), new Int32Array(bytes)];
  let [byte, unit] = [0, 0];
  for (const character of text) {
    const next = byte + Buffer.byteLength(character);
    starts.fill(unit, byte, next);
    unit += character.length;
    ends.fill(unit, byte, next);
    byte = next;
  }
  return { starts, ends };
}

/** Stretches between white space. */
const STRETCHES = new RegExp(`[${bodyOf(WHITE_SPACE, true)}]+`, "gu");

/** BERT cuts at white space and at signs; a word's pieces follow each other by the characters of the normalised word. */
function wordPiecePlaces(encode: Encode, model: Json, normalizer: Json): EncodePlaced {
  const tokens = tokensById(model);
  const prefix = String(model["continuing_subword_prefix"]);
  const unknown = String(model["unk_token"]);
  const lowercase = normalizer["lowercase"] === true;
  const strips = Boolean(normalizer["strip_accents"] ?? lowercase);
  const cleans = normalizer["clean_text"] !== false;
  const [isControl, isPunctuation] = [isOf("bertControl"), isOf("punctuation")];
  const marks = classPattern("nonspacingMark");
  // signs, and where they are set apart the characters of Chinese, are words of their own
  const isApart = (character: string): boolean =>
    isPunctuation(character.codePointAt(0) ?? 0) ||
    (normalizer["handle_chinese_chars"] === true && CHINESE.test(character));
  /** Characters that the normaliser makes of one. */
  const normalisedLength = (character: string): number => {
    if (cleans && isControl(character.codePointAt(0) ?? 0)) return 0;
    const bare = strips ? normalForm(character, "NFD").replaceAll(marks, "") : character;
    return countCharacters(lowercase ? lowerCase(bare) : bare);
  };
  /** Characters of the normalised word that a piece stands for; all of them where it is unknown. */
  const pieceLength = (id: number, isFirst: boolean): number => {
    const token = tokens.get(id);
    if (token === undefined || token === unknown) return Number.NaN;
    return countCharacters(isFirst ? token : token.slice(prefix.length));
  };

  /** Places of the pieces of a word that begins at `at`. */
  const placeWord = (word: string, at: number, ids: readonly number[]): readonly Place[] => {
    const lengths = ids.map((id, index) => pieceLength(id, index === 0));
    const edges: Place[] = [];
    for (let unit = 0; unit < word.length;) {
      const character = String.fromCodePoint(word.codePointAt(unit) ?? 0);
      const end = unit + character.length;
      for (let k = normalisedLength(character); k > 0; k--) edges.push([at + unit, at + end]);
      unit = end;
    }
    const isWhole = lengths.reduce((sum, one) => sum + one, 0) !== edges.length;
    let place = 0;
    return lengths.map((length): Place => {
      if (isWhole) return [at, at + word.length];
      const [first, last] = [edges[place], edges[place + length - 1]];
      place += length;
      return [first?.[0] ?? at, last?.[1] ?? at + word.length];
    });
  };
  /** Ids of a stretch, and their places in it. */
  const placeStretch = (stretch: string): PlacedStretch => {
    const ids = encode(stretch);
    const words = cutStretch(stretch, isApart).map(([start, end]) => {
      const word = stretch.slice(start, end);
      return { word, start, ids: encode(word) };
    });
    const cut = words.flatMap((word) => word.ids);
    // an added token, or a letter whose form depends on the next, may reach over words
    const isCut = cut.length === ids.length && cut.every((id, index) => id === ids[index]);
    const places = isCut
      ? words.flatMap(({ ids: pieces, start, word }) => placeWord(word, start, pieces))
      : ids.map((): Place => [0, stretch.length]);
    return { ids, places };
  };
  // text repeats its words
  const seen = createBoundedCache<string, PlacedStretch>({ limit: REMEMBERED, eviction: "all" });

  return (text) => {
    const [ids, starts, ends]: [number[], number[], number[]] = [[], [], []];
    for (const { 0: stretch, index: at } of text.matchAll(STRETCHES)) {
      const placed = seen.get(stretch) ?? seen.set(stretch, placeStretch(stretch));
      for (const [index, id] of placed.ids.entries()) {
        const [start, end] = placed.places[index] ?? [0, stretch.length];
        ids.push(id);
        starts.push(at + start);
        ends.push(at + end);
      }
    }
    const whole = encode(text);
    const isWhole = whole.length === ids.length && whole.every((id, index) => id === ids[index]);
    return isWhole ? { ids, starts, ends } : undefined;
  };
}

/** Words of a stretch without white space, as [start, end). */
function cutStretch(stretch: string, isApart: (character: string) => boolean): readonly Place[] {
  const words: Place[] = [];
  let begin = 0;
  for (let at = 0; at < stretch.length;) {
    const character = String.fromCodePoint(stretch.codePointAt(at) ?? 0);
    const end = at + character.length;
    if (isApart(character)) {
      if (begin < at) words.push([begin, at]);
      words.push([at, end]);
      begin = end;
    }
    at = end;
  }
  if (begin < stretch.length) words.push([begin, stretch.length]);
  return words;
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
