import {
  isObject,
  type JsonPart,
  TokenizerFault,
  unsupported,
  wrong,
} from "../pipeline/json-part.js";
import { bytePairModel } from "./byte-pair.js";
import { byteCharacters } from "./byte-characters.js";
import { unigramModel } from "./unigram.js";
import type { Encode, Vocabulary } from "./vocabulary.js";
import { wordPieceModel } from "./word-piece.js";

/** The part of a tokenizer that makes ids of words. */
export interface Model {
  readonly encode: Encode;
  readonly vocabulary: Vocabulary;
  /** Number of tokens, which is where added tokens begin. */
  readonly size: number;
}

/** Reads the `model` of `tokenizer.json`; `isByteLevel` where words are still to be written as bytes. */
export function readModel(model: JsonPart, isByteLevel: boolean): Model {
  const kind = model["type"] ?? kindOf(model);
  const vocab = model["vocab"];
  const vocabulary = kind === "Unigram" ? scoredVocabulary(model) : plainVocabulary(vocab);
  const asBytes = (encode: Encode): Encode =>
    isByteLevel ? (word) => encode(byteCharacters(word)) : encode;
  const size = Array.isArray(vocab) ? vocab.length : vocabulary.size;
  const make = (): Encode => {
    switch (kind) {
      case "BPE":
        return bytePairModel(model, vocabulary, isByteLevel);
      case "WordPiece":
        return asBytes(wordPieceModel(model, vocabulary));
      case "WordLevel":
        return asBytes(wordLevelModel(model, vocabulary));
      case "Unigram":
        return asBytes(unigramModel(model, vocabulary));
      default:
        throw unsupported("model", model);
    }
  };
  return { encode: make(), vocabulary, size };
}

/** The kind of a model that older versions wrote without naming it. */
function kindOf(model: JsonPart): string | undefined {
  if (Array.isArray(model["vocab"])) return "Unigram";
  if (Array.isArray(model["merges"])) return "BPE";
  return "continuing_subword_prefix" in model ? "WordPiece" : "WordLevel";
}

function plainVocabulary(vocab: unknown): Vocabulary {
  if (!isObject(vocab)) throw new TokenizerFault(`it has no "model" with a "vocab"`);
  const vocabulary = new Map<string, number>();
  for (const [token, id] of Object.entries(vocab)) {
    if (!isId(id))
      throw new TokenizerFault(`the id of ${JSON.stringify(token)} is ${JSON.stringify(id)}`);
    vocabulary.set(token, id);
  }
  return vocabulary;
}

/** The vocabulary of a unigram model: tokens with their scores. */
function scoredVocabulary(model: JsonPart): Vocabulary {
  const { vocab } = model;
  if (!Array.isArray(vocab)) throw wrong(model, "vocab", "a list of tokens with scores");
  const vocabulary = new Map<string, number>();
  for (const [id, entry] of (vocab as readonly unknown[]).entries()) {
    if (!Array.isArray(entry) || typeof entry[0] !== "string" || typeof entry[1] !== "number") {
      throw new TokenizerFault(
        `token ${id} is ${JSON.stringify(entry)?.slice(0, 80)}, not a token and its score`,
      );
    }
    vocabulary.set(entry[0], id);
  }
  return vocabulary;
}

/** Ids are dense in practice; a huge one would need a huge table of embeddings. */
export function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 24;
}

/** Words that are in the vocabulary as they are, or unknown. */
function wordLevelModel(model: JsonPart, vocabulary: Vocabulary): Encode {
  const { unk_token: token } = model;
  if (typeof token !== "string") throw wrong(model, "unk_token", "a text");
  return (word) => {
    const id = vocabulary.get(word) ?? vocabulary.get(token);
    if (id === undefined) {
      throw new TokenizerFault(
        `its unknown token ${JSON.stringify(token)} is not in the vocabulary, and the text has need of it`,
      );
    }
    return [id];
  };
}
