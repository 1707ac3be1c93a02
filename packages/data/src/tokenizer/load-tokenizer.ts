import { access, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseJson, shortened } from "@ligo/core/json";
import { DataError } from "../errors/data-error.js";
import { createTokenizer, type TextTokenizer } from "./tokenizer.js";
import { unreadable } from "../errors/unreadable.js";
import { fractionIn } from "./whole-numbers.js";

/** Options of {@link loadTokenizer}. */
export interface LoadTokenizerOptions {
  /** Whether a tokenizer without mask token is an error, as masked language models need one. Default true. */
  readonly requireMask?: boolean;
}

/** Files that `save_pretrained` of a tokenizer may write, and a copy of it should hold. */
const TOKENIZER_FILES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.txt",
  "vocab.json",
  "merges.txt",
] as const;

/**
 * Loads a Hugging Face tokenizer from a folder that holds `tokenizer.json`, or from that file itself;
 * `tokenizer_config.json` beside it is read if it is there.
 *
 * @throws DataError `data/no-tokenizer`, `data/bad-json`, `data/bad-tokenizer`, `data/no-mask-token`; each names the file.
 */
export async function loadTokenizer(
  pathOrFolder: string,
  options: LoadTokenizerOptions = {},
): Promise<TextTokenizer> {
  const there = await stat(pathOrFolder).catch(() => undefined);
  const path = there?.isFile() ? pathOrFolder : join(pathOrFolder, "tokenizer.json");
  const folder = dirname(path);
  const tokenizer = await readJson(path, parseTokenizer);
  if (tokenizer === undefined) throw await noTokenizer(path, folder);
  const config = (await readJson(join(folder, "tokenizer_config.json"))) ?? {};
  const beside = TOKENIZER_FILES.map((name) => join(folder, name)).filter((file) => file !== path);
  const exists = await Promise.all(beside.map(isThere));
  return createTokenizer(
    { tokenizer, config },
    {
      name: path,
      files: [path, ...beside.filter((_, index) => exists[index])],
      ...(options.requireMask === undefined ? {} : { requireMask: options.requireMask }),
    },
  );
}

async function noTokenizer(path: string, folder: string): Promise<DataError> {
  const old =
    (await isThere(join(folder, "vocab.txt"))) || (await isThere(join(folder, "vocab.json")));
  const todo = old
    ? `The folder holds an older tokenizer; convert it once with python -c "from transformers import AutoTokenizer; ` +
      `AutoTokenizer.from_pretrained('${folder}').save_pretrained('${folder}')".`
    : "Give the folder, or the hub id, of a model that has one (a model from scratch may take that of any other), " +
      "or make one from text by `trainWordPiece` of @ligo/data.";
  return new DataError("data/no-tokenizer", `There is no tokenizer at ${path}. ${todo}`, {
    file: path,
  });
}

/** A `tokenizer.json`, as strictly as Hugging Face's own library reads one. Throws a `SyntaxError`. */
function parseTokenizer(bytes: Uint8Array): unknown {
  const value = parseJson(bytes, { unique: true });
  const key = fractionIn(new TextDecoder().decode(bytes));
  if (key === undefined) return value;
  throw new SyntaxError(
    `the number of ${JSON.stringify(shortened(key))} is not written as a whole one`,
  );
}

/** The JSON object in `path`, or `undefined` if there is no such file. */
async function readJson(
  path: string,
  parse: (bytes: Uint8Array) => unknown = parseJson,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadable(path, cause);
  }
  let value: unknown;
  let cause: unknown;
  try {
    value = parse(bytes);
  } catch (error) {
    cause = error;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  const reason = cause instanceof Error ? cause.message : "it holds no object";
  throw new DataError(
    "data/bad-json",
    `${path} is not a JSON object: ${reason}. Copy or download the file again.`,
    { file: path, expected: "a JSON object", actual: reason, cause },
  );
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
