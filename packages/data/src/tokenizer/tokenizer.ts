import { createHash } from "node:crypto";
import { Tokenizer } from "@huggingface/tokenizers";
import { type EncodePlaced, placedEncoder } from "./placed-tokens.js";
import { DataError } from "../errors/data-error.js";
import { framingOf, type Framing } from "./framing.js";
import { type AddedToken, rememberWords } from "./fast/remembered-words.js";
import { findSpecialTokens, type SpecialTokens } from "./special-tokens.js";
import type { TokenizerFile } from "./tokenizer-file.js";

/** A tokenizer, as much of it as training needs. */
export interface TextTokenizer {
  /** Ids of `text`, without the special tokens that open and close a sequence. */
  encode(text: string): number[];
  /** Ids with the places of the tokens in the text; absent where the tokenizer is of a kind that does not tell. */
  readonly encodePlaced?: EncodePlaced;
  /** Text of `ids`, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** Largest id plus one, added tokens included. */
  readonly vocabularySize: number;
  readonly special: SpecialTokens;
  /** Tokens that its post-processor adds to a text and to a pair of texts; absent where that is of an unknown kind. */
  readonly framing?: Framing;
  /** SHA-256 of the parsed files, in hexadecimal: tokenizers that have it in common give the same ids. */
  readonly identity: string;
  /** Files to copy beside a grown checkpoint; empty for a tokenizer that was made in memory. */
  readonly files: readonly string[];
}

/** Origin of a tokenizer, and what it must have. */
export interface CreateTokenizerOptions {
  /** Whether a tokenizer without mask token is an error, as masked language models need one. Default true. */
  readonly requireMask?: boolean;
  /** Name for error messages; default `tokenizer.json`. */
  readonly name?: string;
  /** Becomes {@link TextTokenizer.files}. */
  readonly files?: readonly string[];
}

/**
 * Makes a tokenizer from parsed files.
 *
 * @throws DataError `data/bad-tokenizer` where the file is malformed, `data/no-mask-token`.
 */
export function createTokenizer(
  file: TokenizerFile,
  options: CreateTokenizerOptions = {},
): TextTokenizer {
  const name = options.name ?? "tokenizer.json";
  const { vocabulary, added, size } = checkTokenizer(file.tokenizer, name);
  let tokenizer: Tokenizer;
  try {
    // The library insists on the keys being there; null is what Hugging Face writes for an absent part.
    const absent = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
    const json = {
      ...absent,
      ...file.tokenizer,
      added_tokens: file.tokenizer["added_tokens"] ?? [],
    };
    tokenizer = new Tokenizer(json, file.config);
  } catch (cause) {
    throw bad(name, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const addedIds = new Map(added.map(({ content, id }) => [content, id]));
  const idOf = (token: string): number | undefined =>
    addedIds.get(token) ?? vocabulary?.get(token) ?? tokenizer.token_to_id(token);
  const special = findSpecialTokens(
    file.config,
    idOf,
    added.filter((one) => one.special).map((one) => one.id),
  );
  if (special.mask === undefined && options.requireMask !== false) {
    throw new DataError(
      "data/no-mask-token",
      `${name} has no mask token, so it cannot serve a masked language model; use the tokenizer of a BERT-like model, ` +
        `or name its mask token as "mask_token" in tokenizer_config.json.`,
      { file: name, expected: "a mask token such as [MASK] or <mask>", actual: "none" },
    );
  }
  const rules = { ...file, added, idOf };
  const encode = rememberWords(
    (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    rules,
  );
  const encodePlaced = placedEncoder(encode, rules);
  const framing = framingOf(file.tokenizer["post_processor"]);
  return {
    encode,
    ...(encodePlaced === undefined ? {} : { encodePlaced }),
    decode: (ids) =>
      ids.length === 0
        ? ""
        : tokenizer.decode([...ids], {
            skip_special_tokens: true,
            // The decoder of the file does its own; doing it twice would differ from Python.
            clean_up_tokenization_spaces: false,
          }),
    vocabularySize: size,
    special,
    ...(framing === undefined ? {} : { framing }),
    identity: createHash("sha256")
      .update(JSON.stringify([file.tokenizer, file.config]))
      .digest("hex"),
    files: options.files ?? [],
  };
}

interface CheckedToken extends AddedToken {
  readonly id: number;
  readonly special: boolean;
}

interface CheckedTokenizer {
  /** Absent for models whose vocabulary is not an object of ids. */
  readonly vocabulary: ReadonlyMap<string, number> | undefined;
  readonly added: readonly CheckedToken[];
  readonly size: number;
}

/** Checks what the library takes on trust: ids, added tokens, the unknown token. */
function checkTokenizer(json: Readonly<Record<string, unknown>>, name: string): CheckedTokenizer {
  const model = json["model"];
  if (!isObject(model) || !isObject(model["vocab"])) {
    throw bad(name, `it has no "model" with a "vocab"`);
  }
  const added = checkAdded(json["added_tokens"] ?? [], name);
  let largest = added.reduce((most, one) => Math.max(most, one.id), -1);
  if (Array.isArray(model["vocab"])) {
    largest = Math.max(largest, model["vocab"].length - 1);
    return { vocabulary: undefined, added, size: largest + 1 };
  }
  const vocabulary = new Map<string, number>();
  for (const [token, id] of Object.entries(model["vocab"])) {
    if (!isId(id)) throw bad(name, `the id of "${token}" is ${JSON.stringify(id)}`);
    vocabulary.set(token, id);
    if (id > largest) largest = id;
  }
  if (largest < 0) throw bad(name, "its vocabulary is empty");
  const unknown = model["unk_token"];
  if (model["type"] === "WordPiece" && !(typeof unknown === "string" && vocabulary.has(unknown))) {
    throw bad(name, `its unknown token ${JSON.stringify(unknown)} is not in the vocabulary`);
  }
  return { vocabulary, added, size: largest + 1 };
}

function checkAdded(list: unknown, name: string): CheckedToken[] {
  if (!Array.isArray(list)) throw bad(name, `"added_tokens" is no list`);
  return list.map((one: unknown) => {
    if (!isObject(one) || !isId(one["id"]) || typeof one["content"] !== "string") {
      throw bad(name, `an added token needs an id and a content, but is ${JSON.stringify(one)}`);
    }
    const special = one["special"] === true;
    return {
      id: one["id"],
      content: one["content"],
      special,
      // the default of the library
      normalized: Boolean(one["normalized"] ?? !special),
      rstrip: Boolean(one["rstrip"]),
    };
  });
}

function bad(name: string, reason: string, cause?: unknown): DataError {
  return new DataError(
    "data/bad-tokenizer",
    `${name} is not a usable tokenizer: ${reason}. Save it anew with save_pretrained of a fast Hugging Face tokenizer.`,
    { file: name, actual: reason, cause },
  );
}

/** Ids are dense in practice; a huge one would make the library allocate a huge table. */
function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 24;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
