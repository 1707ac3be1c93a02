import type { RawConfig } from "@ligo/core";
import type { TextTokenizer } from "@ligo/data";
import { UsageError } from "../usage-error.js";
import type { TargetModel } from "./target-model.js";

/** Keys of `config.json` and `generation_config.json` that hold the id of a token, or a list of them. */
const TOKEN_KEYS: readonly string[] = [
  "bos_token_id",
  "eos_token_id",
  "pad_token_id",
  "unk_token_id",
  "cls_token_id",
  "sep_token_id",
  "mask_token_id",
  "decoder_start_token_id",
  "forced_bos_token_id",
  "forced_eos_token_id",
  "suppress_tokens",
  "begin_suppress_tokens",
];

/** Two tokenizers, and the file of the second one. */
export interface Tokenizers {
  readonly old: TextTokenizer;
  readonly now: TextTokenizer;
  readonly file: string;
}

/**
 * The ids that a target's config has to hold for the same tokens, where they differ. Keys that the target sets to something else
 * than the source are left as they are. Throws {@link UsageError} `sdk/special-token-lost`.
 */
export function movedTokens(
  raw: RawConfig,
  target: TargetModel,
  tokenizers: Tokenizers,
): RawConfig {
  const isWhole = "model_type" in target.given;
  const keys = TOKEN_KEYS.filter((key) => {
    const isGiven = !isWhole && key in target.given;
    return !isGiven && JSON.stringify(raw[key]) === JSON.stringify(target.raw[key]);
  });
  return movedIds(raw, tokenizers, keys);
}

/**
 * Keys of a config with the ids that the same tokens have in another tokenizer.
 *
 * @param keys keys to look at. Default all that hold ids of tokens
 */
export function movedIds(
  raw: RawConfig,
  { file, now, old }: Tokenizers,
  keys: readonly string[] = TOKEN_KEYS,
): RawConfig {
  const called = new Map([...old.tokens()].map(([token, id]) => [id, token]));
  const there = now.tokens();
  const move = (key: string, id: unknown): unknown => {
    const token = typeof id === "number" ? called.get(id) : undefined;
    if (token === undefined) return id;
    const moved = there.get(token);
    if (moved === undefined) throw specialTokenLost(key, Number(id), token, file);
    return moved;
  };
  const moved = keys
    .filter((key) => key in raw)
    .map((key): [string, unknown] => {
      const value = raw[key];
      return [key, Array.isArray(value) ? value.map((id) => move(key, id)) : move(key, value)];
    });
  return Object.fromEntries(moved);
}

function specialTokenLost(key: string, id: number, token: string, file: string): UsageError {
  const name = JSON.stringify(token);
  return new UsageError(
    "sdk/special-token-lost",
    `${file} lacks the token ${name}, which ${key} of the source is (${id}). Give a tokenizer that has it, or the id of another ` +
      `token as ${key} in \`to\`.`,
    { file, expected: `the token ${name}`, actual: "none" },
  );
}
