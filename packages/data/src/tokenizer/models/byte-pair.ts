import { type JsonPart, TokenizerFault, wrong } from "../pipeline/json-part.js";
import { BYTE_CHARACTERS } from "./byte-characters.js";
import { mergePairs, type Merges } from "./merge-pairs.js";
import type { Encode, Vocabulary } from "./vocabulary.js";

/** Settings of the model that decide which symbols a word begins as. */
interface Symbols {
  readonly vocabulary: Vocabulary;
  readonly prefix: string;
  readonly suffix: string;
  readonly unknown: string | undefined;
  readonly isFused: boolean;
  readonly fallsBack: boolean;
}

/**
 * Byte-pair encoding of a word: its characters, of which the pair of lowest rank is joined, the leftmost of several, until
 * there is none.
 *
 * @param isByteLevel whether words come as they are, to be written by the characters that stand for their bytes
 * @throws TokenizerFault where merges name tokens that are not in the vocabulary
 */
export function bytePairModel(
  model: JsonPart,
  vocabulary: Vocabulary,
  isByteLevel: boolean,
): Encode {
  const dropout = model["dropout"] ?? 0;
  if (dropout !== 0) {
    throw new TokenizerFault(`its model has a "dropout", which makes its tokens random`, true);
  }
  const symbols: Symbols = {
    vocabulary,
    prefix: optional(model, "continuing_subword_prefix") ?? "",
    suffix: optional(model, "end_of_word_suffix") ?? "",
    unknown: optional(model, "unk_token"),
    isFused: setting(model, "fuse_unk"),
    fallsBack: setting(model, "byte_fallback"),
  };
  const merges = readMerges(model["merges"], vocabulary, symbols.prefix);
  const isWhole = setting(model, "ignore_merges");
  const bytes = BYTE_CHARACTERS.map((one) => vocabulary.get(one));
  const isPlain = symbols.prefix === "" && symbols.suffix === "" && !bytes.includes(undefined);
  const whole = (word: string): number | undefined => (isWhole ? vocabulary.get(word) : undefined);
  if (!isByteLevel) {
    return (word) => {
      const id = whole(word);
      return id === undefined ? mergePairs(symbolsOf(word, symbols), merges) : [id];
    };
  }
  return (text) => {
    const buffer = Buffer.from(text);
    if (isPlain && !isWhole) {
      return mergePairs(
        Array.from(buffer, (byte) => bytes[byte] as number),
        merges,
      );
    }
    const word = Array.from(buffer, (byte) => BYTE_CHARACTERS[byte] as string).join("");
    const id = whole(word);
    return id === undefined ? mergePairs(symbolsOf(word, symbols), merges) : [id];
  };
}

function optional(model: JsonPart, key: string): string | undefined {
  const value = model[key] ?? undefined;
  if (value !== undefined && typeof value !== "string") throw wrong(model, key, "a text or null");
  return value;
}

function setting(model: JsonPart, key: string): boolean {
  const value = model[key] ?? false;
  if (typeof value !== "boolean") throw wrong(model, key, "true or false");
  return value;
}

function readMerges(list: unknown, vocabulary: Vocabulary, prefix: string): Merges {
  if (!Array.isArray(list)) throw new TokenizerFault(`its model has no list of "merges"`);
  const merges: Merges = { ranks: new Map(), joined: [] };
  for (const [rank, merge] of (list as readonly unknown[]).entries()) {
    const pair = typeof merge === "string" ? merge.split(" ") : merge;
    if (
      !Array.isArray(pair) ||
      pair.length !== 2 ||
      !pair.every((one) => typeof one === "string")
    ) {
      throw new TokenizerFault(
        `merge ${rank} of its model is ${JSON.stringify(merge)?.slice(0, 80)}`,
      );
    }
    const [left, right] = pair as [string, string];
    const made = left + Buffer.from(right).subarray(Buffer.byteLength(prefix)).toString();
    const [first, second, joined] = [left, right, made].map((token) => {
      const id = vocabulary.get(token);
      if (id === undefined) {
        throw new TokenizerFault(
          `merge ${rank} of its model needs the token ${JSON.stringify(token)}, which is not in the vocabulary`,
        );
      }
      return id;
    }) as [number, number, number];
    merges.ranks.set(first * 2 ** 24 + second, rank);
    merges.joined[rank] = joined;
  }
  return merges;
}

/** Ids of the characters of a word, before any are joined. */
function symbolsOf(word: string, symbols: Symbols): number[] {
  const { vocabulary, prefix, suffix, unknown, isFused, fallsBack } = symbols;
  const ids: number[] = [];
  // an unknown character that may still be joined with the next
  let held: number | undefined;
  const release = (): void => {
    if (held !== undefined) ids.push(held);
    held = undefined;
  };
  const characters = Array.from(word);
  for (const [index, character] of characters.entries()) {
    const isLast = index === characters.length - 1;
    const symbol = (index > 0 ? prefix : "") + character + (isLast ? suffix : "");
    const id = vocabulary.get(symbol);
    if (id !== undefined) {
      release();
      ids.push(id);
      continue;
    }
    const bytes = fallsBack ? byteTokens(symbol, vocabulary) : undefined;
    // bytes overtake an unknown character that is held, as in the library
    if (bytes !== undefined) ids.push(...bytes);
    else if (unknown !== undefined) {
      if (!isFused) release();
      held ??= unknownId(unknown, vocabulary);
    }
  }
  release();
  return ids;
}

function unknownId(unknown: string, vocabulary: Vocabulary): number {
  const id = vocabulary.get(unknown);
  if (id === undefined) {
    throw new TokenizerFault(
      `its unknown token ${JSON.stringify(unknown)} is not in the vocabulary, and the text has need of it`,
    );
  }
  return id;
}

/** Tokens of the bytes of a text, `<0x0A>` and the like; `undefined` where one is not in the vocabulary. */
export function byteTokens(text: string, vocabulary: Vocabulary): readonly number[] | undefined {
  const ids = Array.from(Buffer.from(text), (byte) =>
    vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
  );
  return ids.includes(undefined) ? undefined : (ids as number[]);
}
