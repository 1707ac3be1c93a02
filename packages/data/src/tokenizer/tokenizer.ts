import { createHash } from "node:crypto";
import { DataError } from "../errors/data-error.js";
import { createDecoder } from "./decoder.js";
import { rememberWords } from "./fast/remembered-words.js";
import { framingOf, type Framing } from "./framing.js";
import { TokenizerFault } from "./pipeline/json-part.js";
import { withinDeadline } from "./pipeline/deadline.js";
import { createPipeline, type Pipeline } from "./pipeline/pipeline.js";
import { type EncodePlaced, placedEncoder } from "./placed-tokens.js";
import { findSpecialTokens, type SpecialTokens } from "./special-tokens.js";
import { tokenTexts } from "./token-texts.js";
import type { TokenizerFile } from "./tokenizer-file.js";

/** A tokenizer, as much of it as training needs. */
export interface TextTokenizer {
  /**
   * Ids of `text`, without the special tokens that open and close a sequence: those of Hugging Face's tokenizers. Surrogates
   * that stand alone are read as U+FFFD, as they are where a text is written as UTF-8.
   *
   * @throws DataError `data/bad-tokenizer` where the tokenizer has no way to write the text, or a pattern of it has no end
   */
  encode(text: string): number[];
  /** Ids of several texts, each by itself; quicker than one at a time where a pattern has to be watched. */
  encodeAll(texts: readonly string[]): number[][];
  /** Ids with the places of the tokens in the text; absent where the tokenizer is of a kind that does not tell. */
  readonly encodePlaced?: EncodePlaced;
  /** Text of `ids`, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** Ids of all tokens as the file spells them, added ones included. */
  tokens(): ReadonlyMap<string, number>;
  /** Text that a token stands for by itself: ` the` for `Ġthe`, `ing` for `##ing`. Special tokens are as they are spelt. */
  tokenText(token: string): string;
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
 * @throws DataError `data/bad-tokenizer` where the file is malformed, `data/unsupported-tokenizer` where it has a part of a
 *   kind that is not known here, `data/no-mask-token`.
 */
export function createTokenizer(
  file: TokenizerFile,
  options: CreateTokenizerOptions = {},
): TextTokenizer {
  const name = options.name ?? "tokenizer.json";
  const named = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof TokenizerFault ? bad(name, error) : error;
    }
  };
  const pipeline = named(() => checked(createPipeline(file.tokenizer)));
  const framing = named(() => framingOf(file.tokenizer["post_processor"]));
  const special = findSpecialTokens(
    file.config,
    pipeline.idOf,
    pipeline.added.filter((one) => one.special).map((one) => one.id),
  );
  if (special.mask === undefined && options.requireMask !== false) throw noMask(name);
  const rules = { ...file, ...pipeline };
  const encodeFast = rememberWords(pipeline.encode, rules);
  const encode = (text: string): number[] => named(() => encodeFast(wellFormed(text)));
  const encodePlaced = placedEncoder(encode, rules);
  const decode = createDecoder(file, pipeline);
  const textOf = tokenTexts(file, pipeline, decode);
  return {
    encode,
    encodeAll: (texts) => inBatches(texts, encode, pipeline.watched, named),
    ...(encodePlaced === undefined ? {} : { encodePlaced }),
    decode: (ids) => named(() => decode(ids)),
    tokens: pipeline.tokens,
    tokenText: (token) => named(() => textOf(token)),
    vocabularySize: pipeline.vocabularySize,
    special,
    ...(framing === undefined ? {} : { framing }),
    identity: createHash("sha256")
      .update(JSON.stringify([file.tokenizer, file.config]))
      .digest("hex"),
    files: options.files ?? [],
  };
}

/** Characters of texts that are encoded under one deadline, and those that a text counts for more than it has. */
const [BATCH, EVERY] = [2 ** 13, 32];

function inBatches(
  texts: readonly string[],
  encode: (text: string) => number[],
  watched: string | undefined,
  named: <T>(work: () => T) => T,
): number[][] {
  if (watched === undefined) return texts.map(encode);
  const encoded: number[][] = [];
  for (let start = 0; start < texts.length;) {
    let [end, characters] = [start, 0];
    while (end < texts.length && (end === start || characters < BATCH)) {
      characters += EVERY + (texts[end++]?.length ?? 0);
    }
    const batch = texts.slice(start, end);
    for (const ids of named(() => withinDeadline(characters, watched, () => batch.map(encode)))) {
      encoded.push(ids);
    }
    start = end;
  }
  return encoded;
}

function checked(pipeline: Pipeline): Pipeline {
  if (pipeline.vocabularySize < 1) throw new TokenizerFault("its vocabulary is empty");
  return pipeline;
}

/** Methods of texts that Node 20 has, and the language from ES2024 on. */
type Text = string & { isWellFormed(): boolean; toWellFormed(): string };

function wellFormed(text: string): string {
  return (text as Text).isWellFormed() ? text : (text as Text).toWellFormed();
}

function noMask(name: string): DataError {
  return new DataError(
    "data/no-mask-token",
    `${name} has no mask token, so it cannot serve a masked language model; use the tokenizer of a BERT-like model, ` +
      `or name its mask token as "mask_token" in tokenizer_config.json.`,
    { file: name, expected: "a mask token such as [MASK] or <mask>", actual: "none" },
  );
}

function bad(name: string, fault: TokenizerFault): DataError {
  const [code, todo] = fault.isUnsupported
    ? ["data/unsupported-tokenizer", "Use a tokenizer without it."]
    : ["data/bad-tokenizer", "Save it anew with save_pretrained of a fast Hugging Face tokenizer."];
  return new DataError(code, `${name} is not a usable tokenizer: ${fault.message}. ${todo}`, {
    file: name,
    actual: fault.message,
    cause: fault,
  });
}
