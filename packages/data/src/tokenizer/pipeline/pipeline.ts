import { createPieceTable } from "../fast/piece-table.js";
import { isId, type Model, readModel } from "../models/model.js";
import type { Encode } from "../models/vocabulary.js";
import { type AddedToken, type AddedTokenFinder, addedTokenFinder } from "./added-tokens.js";
import { withinDeadline } from "./deadline.js";
import { isObject, type JsonPart, TokenizerFault } from "./json-part.js";
import { readNormalizer } from "./normalizers.js";
import { readPreTokenizer } from "./pre-tokenizers.js";

/** A `tokenizer.json`, made ready to encode as Hugging Face's tokenizers (Rust) do. */
export interface Pipeline {
  /** Ids of a text, without the special tokens that open and close a sequence. */
  readonly encode: (text: string) => number[];
  /** Ids of a word as its model makes them. */
  readonly encodeWord: Encode;
  /** Added tokens, with the ids that the library gives them. */
  readonly added: readonly AddedToken[];
  /** Id of a token, added ones first. */
  readonly idOf: (token: string) => number | undefined;
  /** Ids of all tokens, added ones included. */
  readonly tokens: () => ReadonlyMap<string, number>;
  /** Largest id plus one. */
  readonly vocabularySize: number;
  /** Source of a pattern that is searched with a deadline. */
  readonly watched?: string;
}

/** Keys of a `tokenizer.json`: Hugging Face's library refuses files with others. */
const KEYS: readonly string[] =
  "version truncation padding added_tokens normalizer pre_tokenizer post_processor decoder model".split(
    " ",
  );
const VERSION = "1.0";

function checkKeys(json: JsonPart): void {
  const other = Object.keys(json).find((key) => !KEYS.includes(key));
  if (other !== undefined) {
    throw new TokenizerFault(
      `it has the key ${JSON.stringify(other).slice(0, 80)}, which is none of it`,
    );
  }
  const { version = VERSION } = json;
  if (version === VERSION) return;
  throw new TokenizerFault(
    `its version is ${JSON.stringify(version).slice(0, 80)}, not "${VERSION}"`,
  );
}

/** @throws TokenizerFault */
export function createPipeline(json: JsonPart): Pipeline {
  checkKeys(json);
  if (!isObject(json["model"])) throw new TokenizerFault(`it has no "model" with a "vocab"`);
  const normalizer = readNormalizer(partOf(json, "normalizer"));
  const preTokenizer = readPreTokenizer(partOf(json, "pre_tokenizer"));
  const model = readModel(json["model"], preTokenizer.isByteLevel);
  const added = readAdded(json["added_tokens"] ?? [], model);
  const normalize = normalizer?.normalize ?? ((text: string) => text);
  const finders = findersOf(added, normalize);
  const words = createPieceTable(model.encode);
  const encodeSection = (ids: number[], text: string, isFirst: boolean): void => {
    preTokenizer.cut(text, isFirst, (word) => words.append(ids, word, 0, word.length));
  };
  const encode = (text: string): number[] => {
    const ids: number[] = [];
    forSections(text, finders.plain, ids, (section, start) => {
      const normalized = normalize(section);
      // a first character that is dropped takes the beginning of the text with it
      const isFirst =
        start === 0 && (normalized === section || beginsWithFirst(section, normalize));
      forSections(normalized, finders.normalized, ids, (part, at) =>
        encodeSection(ids, part, isFirst && at === 0),
      );
    });
    return ids;
  };
  const addedIds = new Map(added.map(({ content, id }) => [content, id]));
  const watched = normalizer?.watched ?? preTokenizer.watched;
  const largest = Math.max(model.size - 1, ...idsOf(model), ...added.map(({ id }) => id));
  let tokens: ReadonlyMap<string, number> | undefined;
  return {
    encode:
      watched === undefined
        ? encode
        : (text) => withinDeadline(text.length, watched, () => encode(text)),
    encodeWord: model.encode,
    added,
    idOf: (token) => addedIds.get(token) ?? model.vocabulary.get(token),
    tokens: () => (tokens ??= new Map([...model.vocabulary, ...addedIds])),
    vocabularySize: largest + 1,
    ...(watched === undefined ? {} : { watched }),
  };
}

function idsOf({ vocabulary }: Model): readonly number[] {
  let largest = -1;
  for (const id of vocabulary.values()) largest = Math.max(largest, id);
  return [largest];
}

function partOf(json: JsonPart, key: string): JsonPart | null {
  const value = json[key] ?? null;
  if (value !== null && !isObject(value)) throw new TokenizerFault(`its "${key}" is no object`);
  return value;
}

function beginsWithFirst(text: string, normalize: (text: string) => string): boolean {
  return normalize(String.fromCodePoint(text.codePointAt(0) ?? 0)) !== "";
}

interface Finders {
  readonly plain: AddedTokenFinder | undefined;
  /** Of tokens that are looked for in normalised text. */
  readonly normalized: AddedTokenFinder | undefined;
}

function findersOf(added: readonly AddedToken[], normalize: (text: string) => string): Finders {
  const [plain, normalized] = [false, true].map((isNormalized) => {
    const tokens = added
      .filter((token) => token.normalized === isNormalized)
      .map((token) => ({
        token,
        content: isNormalized ? normalize(token.content) : token.content,
      }));
    return addedTokenFinder(tokens);
  });
  return { plain, normalized };
}

/** Puts the ids of the added tokens in a text behind `ids`, and hands over what is between them. */
function forSections(
  text: string,
  finder: AddedTokenFinder | undefined,
  ids: number[],
  visit: (section: string, start: number) => void,
): void {
  if (text === "") return;
  if (finder?.isIn(text) !== true) {
    visit(text, 0);
    return;
  }
  for (const section of finder.find(text)) {
    if ("id" in section) ids.push(section.id);
    else visit(text.slice(section.start, section.end), section.start);
  }
}

/**
 * Reads added tokens. The library does not take the ids that the file gives: a token of the model keeps its id, others follow
 * those of the model in the order of the list.
 */
function readAdded(list: unknown, model: Model): readonly AddedToken[] {
  if (!Array.isArray(list)) throw new TokenizerFault(`"added_tokens" is no list`);
  const byContent = new Map<string, AddedToken>();
  let next = model.size;
  for (const one of list as readonly unknown[]) {
    if (!isObject(one) || !isId(one["id"]) || typeof one["content"] !== "string") {
      throw new TokenizerFault(
        `an added token needs an id and a content, but is ${JSON.stringify(one)?.slice(0, 80)}`,
      );
    }
    const { content } = one;
    if (content === "") continue;
    const known = byContent.get(content)?.id ?? model.vocabulary.get(content);
    byContent.set(content, {
      id: known ?? next++,
      content,
      special: setting(one, "special"),
      normalized: setting(one, "normalized"),
      lstrip: setting(one, "lstrip"),
      rstrip: setting(one, "rstrip"),
      singleWord: setting(one, "single_word"),
    });
  }
  return [...byContent.values()];
}

/** A flag of an added token, all of which Hugging Face's library insists on. */
function setting(token: JsonPart, key: string): boolean {
  const value = token[key];
  if (typeof value !== "boolean") {
    throw new TokenizerFault(
      `"${key}" of the added token ${JSON.stringify(token["content"])} must be true or false`,
    );
  }
  return value;
}
