import {
  type AddedToken,
  type AddedTokenFinder,
  addedTokenFinder,
} from "../pipeline/added-tokens.js";
import { type JsonPart } from "../pipeline/json-part.js";
import { regexPattern } from "../pipeline/patterns.js";
import { GPT2 } from "../pipeline/pre-tokenizers.js";
import type { Encode } from "../models/vocabulary.js";
import { WHITE_SPACE } from "../unicode/classes.js";
import { membership } from "../unicode/ranges.js";
import { createPieceTable, type PieceTable } from "./piece-table.js";

/** A tokenizer, as much of it as decides how texts are cut before their pieces are looked up. */
export interface CutRules {
  /** `tokenizer.json`. */
  readonly tokenizer: JsonPart;
  /** Its added tokens. */
  readonly added: readonly AddedToken[];
  /** Ids of a word as its model makes them. */
  readonly encodeWord: Encode;
}

/** How a stretch of a text, from white space to white space, is cut and its ids put behind others. */
interface StretchEncoder {
  /** Whether a text may be cut into stretches. */
  accepts(text: string): boolean;
  /** @param isAscii whether all of it is ASCII; @param isPlain whether no added token can be in it */
  append(
    ids: number[],
    text: string,
    start: number,
    end: number,
    isAscii: boolean,
    isPlain: boolean,
  ): void;
}

/**
 * Encodes texts by pieces and remembers their ids, as natural text repeats its words. What `encode` gives, and `encode`
 * itself where the kind of the tokenizer is none of those whose pieces are known to be independent: BERT's word pieces and
 * plain byte-level BPE.
 */
export function rememberWords(
  encode: (text: string) => number[],
  rules: CutRules,
): (text: string) => number[] {
  const finder = finderOf(rules.added);
  const stretches = findEncoder(encode, rules, finder);
  if (stretches === undefined) return encode;
  return (text) => {
    if (!stretches.accepts(text)) return encode(text);
    const isPlain = finder?.isIn(text) !== true;
    const ids: number[] = [];
    for (let start = 0; start < text.length;) {
      let [end, isInside, isAscii] = [start, false, true];
      for (; end < text.length; end++) {
        const code = text.charCodeAt(end);
        if (isSpace(code)) {
          if (isInside) break;
        } else if (code < 0x80) isInside = code > 0x20;
        else {
          isAscii = false;
          isInside = !isWhiteSpace(code);
        }
      }
      stretches.append(ids, text, start, end, isAscii, isPlain);
      start = end;
    }
    return ids;
  };
}

const isWhiteSpace = membership(WHITE_SPACE);

/** Finds the letters of added tokens as they are written. */
function finderOf(added: readonly AddedToken[]): AddedTokenFinder | undefined {
  return addedTokenFinder(added.map((token) => ({ token, content: token.content })));
}

/** The white space that is so to every part of every tokenizer; other kinds of it some drop or map. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function findEncoder(
  encode: Encode,
  rules: CutRules,
  finder: AddedTokenFinder | undefined,
): StretchEncoder | undefined {
  const { tokenizer } = rules;
  const part = (name: string): JsonPart => (tokenizer[name] ?? {}) as JsonPart;
  const [model, normalizer, cutter] = [part("model"), part("normalizer"), part("pre_tokenizer")];
  if (model["type"] === "WordPiece" && cutter["type"] === "BertPreTokenizer") {
    if (normalizer["type"] !== "BertNormalizer") return undefined;
    return bertEncoder(encode, rules, finder, normalizer["lowercase"] === true);
  }
  const isPlain =
    model["type"] === "BPE" &&
    cutter["type"] === "ByteLevel" &&
    cutter["add_prefix_space"] !== true &&
    cutter["use_regex"] !== false &&
    (tokenizer["normalizer"] ?? null) === null;
  return isPlain ? byteLevelEncoder(encode, rules, finder) : undefined;
}

/** Kinds of ASCII characters, as the tokenizers tell them apart. */
const [SIGN, LETTER, DIGIT, SPACE] = [0, 1, 2, 3];
const KINDS = Uint8Array.from({ length: 0x80 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z]/u.test(character)) return LETTER;
  if (/[0-9]/u.test(character)) return DIGIT;
  return /\s/u.test(character) ? SPACE : SIGN;
});

function kindAt(text: string, at: number): number | undefined {
  return KINDS[text.charCodeAt(at)];
}

/**
 * BERT's tokenizer drops white space and never joins across it; its normaliser looks at characters and the marks that follow
 * them. Visible ASCII it only lower-cases, and every sign is a word of its own, so that stretches of it can be cut into words
 * before.
 */
function bertEncoder(
  encode: Encode,
  { added, encodeWord }: CutRules,
  finder: AddedTokenFinder | undefined,
  lowercase: boolean,
): StretchEncoder | undefined {
  if (added.some(({ content }) => /\s/u.test(content))) return undefined;
  // what is looked for in normalised text may be there without being in the text
  const isCut = added.every(({ normalized }) => !normalized);
  const table = createPieceTable((piece) =>
    isCut && /^(?:[0-9A-Za-z]+|[!-~])$/u.test(piece) && finder?.isIn(piece) !== true
      ? encodeWord(lowercase ? piece.toLowerCase() : piece)
      : encode(piece),
  );
  return {
    accepts: () => true,
    append(ids, text, first, end, isAscii, isPlain) {
      let start = first;
      while (start < end && isSpace(text.charCodeAt(start))) start++;
      if (!isCut || !isPlain || !isAscii || !isVisible(text, start, end)) {
        if (start < end) table.append(ids, text, start, end);
        return;
      }
      while (start < end) {
        let next = start + 1;
        if (kindAt(text, start) !== SIGN) {
          while (next < end && kindAt(text, next) !== SIGN) next++;
        }
        table.append(ids, text, start, next);
        start = next;
      }
    },
  };
}

function isVisible(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return true;
}

/**
 * Byte-level BPE cuts by a regular expression whose matches have white space in front only, or are white space alone, and
 * which looks ahead from white space only. So there is an end of a match before every white space that follows something
 * else, whatever comes before and after; added tokens without white space do not change that, as each ends one search and
 * begins another. One that takes the white space behind it does.
 */
function byteLevelEncoder(
  encode: Encode,
  { added, encodeWord }: CutRules,
  finder: AddedTokenFinder | undefined,
): StretchEncoder {
  const words = createPieceTable(encodeWord);
  const pattern = regexPattern(GPT2);
  const wide = finderOf(added.filter(({ content, rstrip }) => rstrip || /\s/u.test(content)));
  return {
    accepts: (text) => wide?.isIn(text) !== true,
    append(ids, text, start, end, isAscii, isPlain) {
      if (isAscii && isPlain) appendAscii(ids, text, start, end, words);
      else {
        const stretch = text.slice(start, end);
        if (!isPlain && finder?.isIn(stretch) === true) {
          for (const id of encode(stretch)) ids.push(id);
          return;
        }
        pattern.forEach(stretch, (first, last) => words.append(ids, stretch, first, last));
      }
    },
  };
}

/** Appends the ids of the matches of GPT-2's pattern in a stretch of ASCII. */
function appendAscii(
  ids: number[],
  text: string,
  first: number,
  end: number,
  words: PieceTable,
): void {
  for (let start = first; start < end;) {
    let next = start + contraction(text, start, end);
    if (next === start) {
      const isSpaced = text.charCodeAt(start) === 0x20 && start + 1 < end;
      const spaced = isSpaced ? kindAt(text, start + 1) : SPACE;
      const kind = spaced === SPACE ? kindAt(text, start) : spaced;
      next = start + (spaced === SPACE ? 1 : 2);
      while (next < end && kindAt(text, next) === kind) next++;
      // the last of several goes with what follows them
      if (kind === SPACE && next < end && next > start + 1) next--;
    }
    words.append(ids, text, start, next);
    start = next;
  }
}

/** Length of the contraction that begins at `start`; 0 where there is none. */
function contraction(text: string, start: number, end: number): number {
  if (text.charCodeAt(start) !== 0x27) return 0;
  const [one, two] = [text.charAt(start + 1), text.slice(start + 1, start + 3)];
  if (start + 1 < end && /^[stmd]$/u.test(one)) return 2;
  return start + 2 < end && /^(?:re|ve|ll)$/u.test(two) ? 3 : 0;
}
