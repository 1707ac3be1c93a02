import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "../../errors/data-error.js";
import { findTextFiles } from "../../texts/find-text-files.js";
import { formatOf } from "../../formats/data-format.js";
import { TEXT_COLUMN } from "../../formats/table-text.js";
import {
  pushTexts,
  type TokeniseOptions,
  tokensInMemory,
  type TokenStore,
} from "../token-store.js";
import type { TextTokenizer } from "../../tokenizer/tokenizer.js";
import { fileState, hashFile, sameState } from "./hash-files.js";
import { removeAbandoned } from "./partial-files.js";
import { openTokenFile, type TokenFile, unwritable, writeTokenFile } from "./token-file.js";

/** Options of {@link openTokens}. */
export interface OpenTokensOptions extends TokeniseOptions {
  /** Folder to keep tokens in, made where it is missing. Without it they are held in memory. */
  readonly cache?: string;
  /** Told what is done that takes long or is out of the ordinary. */
  readonly onNote?: (text: string) => void;
}

/** Part of every key: raise it where the same texts begin to give other tokens. */
const TOKENISATION = 2;

/** Bytes of text that take long enough to tokenise to be worth a word. */
const LONG_BYTES = 2 ** 23;

/**
 * The tokens of the texts that `patterns` name. With `cache` texts are tokenised once, in constant memory, into a file named
 * by a hash of the contents of the texts, the tokenizer, and the options that matter; names and times of files do not. Such a
 * file that is damaged or none of ours is made again.
 *
 * @throws DataError what `readTexts` throws, `data/cache-unwritable`, and `data/changed` where a file changes meanwhile
 */
export async function openTokens(
  patterns: readonly string[],
  tokenizer: TextTokenizer,
  options: OpenTokensOptions,
): Promise<TokenStore> {
  if (options.cache === undefined) return tokensInMemory(patterns, tokenizer, options);
  const files = await findTextFiles(patterns, options);
  const [hashes, tokens] = [join(options.cache, "hashes"), join(options.cache, "tokens")];
  for (const folder of [hashes, tokens]) {
    await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
      throw unwritable(folder, cause);
    });
    await removeAbandoned(folder);
  }
  const key = await cacheKey(files, hashes, tokenizer, options);
  const path = join(tokens, `${key}.tokens`);
  const known = tryOpen(path, key, options);
  if (known !== undefined) return known;
  const before = await Promise.all(files.map(fileState));
  const bytes = before.reduce((sum, { size }) => sum + Number(size), 0);
  if (bytes >= LONG_BYTES) {
    options.onNote?.(`Tokenising ${Math.round(bytes / 1e6)} MB of text into ${path}.`);
  }
  await writeTokenFile(path, { key, vocabularySize: tokenizer.vocabularySize }, async (sink) => {
    const badRows = await pushTexts(patterns, tokenizer, sink, options);
    for (const [index, file] of files.entries()) {
      const state = before[index];
      if (state !== undefined && !sameState(await fileState(file), state)) throw changed(file);
    }
    return badRows;
  });
  return openTokenFile(path, key);
}

async function cacheKey(
  files: readonly string[],
  hashes: string,
  tokenizer: TextTokenizer,
  options: OpenTokensOptions,
): Promise<string> {
  const contents: unknown[] = [];
  for (const file of files) contents.push([formatOf(file), await hashFile(file, hashes)]);
  const what = {
    tokenisation: TOKENISATION,
    tokenizer: tokenizer.identity,
    unit: options.unit,
    textColumn: options.textColumn ?? TEXT_COLUMN,
    skipBadRows: options.skipBadRows ?? false,
    partBytes: options.partBytes ?? null,
    contents,
  };
  return createHash("sha256").update(JSON.stringify(what)).digest("hex");
}

/** The tokens that were kept; `undefined` where there are none that can be used. */
function tryOpen(path: string, key: string, { onNote }: OpenTokensOptions): TokenFile | undefined {
  try {
    return openTokenFile(path, key);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (!(error instanceof DataError)) throw error;
    onNote?.(`${error.message} That is done now.`);
    return undefined;
  }
}

function changed(file: string): DataError {
  return new DataError(
    "data/changed",
    `${file} changed while it was tokenised; try again when it is complete.`,
    { file },
  );
}
