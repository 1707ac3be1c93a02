import { LigoError, type RawConfig } from "@ligo/core";
import type { RowGrowth } from "@ligo/core/stream";
import type { TextTokenizer } from "@ligo/data";
import type { Context } from "../context.js";
import { withKeys } from "../models/model-spec.js";
import { vocabularySize } from "../models/model-limits.js";
import type { OpenedModel } from "../models/open-model.js";
import { openTokenizer } from "../tasks/tokenizer-files.js";
import type { CheckedPlanSettings } from "../settings/types.generated.js";
import { UsageError } from "../usage-error.js";
import { movedTokens, type Tokenizers } from "./special-tokens.js";
import type { TargetModel } from "./target-model.js";

/** Settings that a vocabulary grows by. */
export type VocabularySettings = Partial<
  Pick<CheckedPlanSettings, "growVocabulary" | "padVocabulary" | "newRows" | "loseTokens">
>;

/** The vocabulary that a growth ends with. */
export interface GrownVocabulary {
  /** The target, its config about the new vocabulary. */
  readonly target: TargetModel;
  /** The tokenizers before and after; absent where tokens are known by their ids alone. */
  readonly tokenizers?: Tokenizers;
  /** Rows of old and new tokens, where a tokenizer tells them. */
  readonly rows: Pick<RowGrowth, "places" | "pieces">;
  /** Tokens of the source that are given up. */
  readonly lost: readonly string[];
  /** Keys of the config that hold the same tokens by other ids. */
  readonly moved: RawConfig;
}

const KEY = "vocab_size";

/**
 * The vocabulary of the target: with a tokenizer its tokens, each with the row of the token of the source that is called the same;
 * without one as many as the target asks for. Throws {@link UsageError}: `sdk/no-vocabulary`, `sdk/vocabulary-size`,
 * `sdk/tokens-lost`, `sdk/special-token-lost`, and what `loadTokenizer` of `@ligo/data` throws.
 */
export async function growVocabulary(
  source: OpenedModel,
  target: TargetModel,
  settings: VocabularySettings,
  { emit }: Pick<Context, "emit">,
): Promise<GrownVocabulary> {
  const { growVocabulary: path, padVocabulary } = settings;
  if (path === undefined && padVocabulary === undefined)
    return { target, rows: {}, lost: [], moved: {} };
  const before = vocabularySize(source.spec.layout);
  if (path === undefined) {
    const size = grownSize(target, before, 0, settings);
    return { target: withKeys(target, { [KEY]: size }), rows: {}, lost: [], moved: {} };
  }
  const folder = await source.folder();
  const [old, now] = await Promise.all([
    openTokenizer({ folder, tokenizer: undefined }, { requireMask: false }),
    openTokenizer({ folder, tokenizer: path }, { requireMask: false }),
  ]);
  const lost = lostTokens(old, now);
  if (lost.length > 0) {
    if (settings.loseTokens !== true) throw tokensLost(lost, old, path);
    emit({ type: "warning", code: "tokens-lost", file: path, names: lost });
  }
  const size = grownSize(target, before, now.vocabularySize, settings);
  const places = placesOf(old, now, before, size);
  const tokenizers = { old, now, file: path };
  const moved = movedTokens(source.spec.raw, target, tokenizers);
  const grown = withKeys(target, { [KEY]: size, ...moved });
  const stays = places.every((place, row) => place === (row < before ? row : -1));
  return {
    target: grown,
    tokenizers,
    rows: {
      ...(stays ? {} : { places }),
      ...(settings.newRows === "pieces" ? { pieces: piecesOf(old, now, places, before) } : {}),
    },
    lost,
    moved,
  };
}

/** Tokens of the grown model: those of the tokenizer, those asked for or those there are, padded. */
function grownSize(
  { config, file }: TargetModel,
  before: number,
  tokens: number,
  { padVocabulary = 1 }: VocabularySettings,
): number {
  const asked = Number(config[KEY]);
  const least = asked === before ? Math.max(tokens, before) : tokens;
  const size = padVocabulary * Math.ceil(Math.max(least, asked) / padVocabulary);
  if (asked === before || size === asked) return size;
  const expected =
    asked < tokens
      ? `at least ${tokens} tokens`
      : `a multiple of \`padVocabulary\` ${padVocabulary}`;
  throw new UsageError(
    "sdk/vocabulary-size",
    `${file}: ${KEY} is ${asked}, expected ${expected}. Leave ${KEY} out, and it becomes ${size}.`,
    { file, expected, actual: String(asked) },
  );
}

/** Tokens that one tokenizer has and the other has not. */
function lostTokens(old: TextTokenizer, now: TextTokenizer): readonly string[] {
  const there = now.tokens();
  return [...old.tokens().keys()].filter((token) => !there.has(token));
}

/** Names of tokens that are shown. */
const SHOWN = 10;

function tokensLost(lost: readonly string[], old: TextTokenizer, file: string): UsageError {
  const names = lost.slice(0, SHOWN).map((token) => JSON.stringify(token));
  const more = lost.length > SHOWN ? ", ..." : "";
  const expected = `all tokens of ${old.files[0] ?? "the source's tokenizer"}`;
  return new UsageError(
    "sdk/tokens-lost",
    `${file} lacks ${lost.length} tokens of the source, whose rows would be lost: ${names.join(", ")}${more}. ` +
      "Give a tokenizer that has them too, or set `loseTokens`.",
    { file, expected, actual: `${lost.length} are missing` },
  );
}

/**
 * The old row of every new one, -1 for a new token. A row that no token of either tokenizer stands for, as of a padded vocabulary,
 * keeps its place.
 */
function placesOf(
  old: TextTokenizer,
  now: TextTokenizer,
  before: number,
  after: number,
): Int32Array {
  const places = new Int32Array(after).fill(-1);
  const [oldTokens, tokens] = [old.tokens(), now.tokens()];
  const [oldIds, ids] = [new Set(oldTokens.values()), new Set(tokens.values())];
  for (let id = 0; id < Math.min(before, after); id++)
    if (!oldIds.has(id) && !ids.has(id)) places[id] = id;
  for (const [token, id] of tokens) {
    const place = oldTokens.get(token);
    // a tokenizer may have tokens that its model does not know
    if (place !== undefined && place < before) places[id] = place;
  }
  return places;
}

/** The old rows of the pieces that new tokens are made of, where there are some. */
function piecesOf(
  old: TextTokenizer,
  now: TextTokenizer,
  places: Int32Array,
  before: number,
): ReadonlyMap<number, readonly number[]> {
  const pieces = new Map<number, readonly number[]>();
  for (const [token, id] of now.tokens()) {
    if (places[id] !== -1) continue;
    const parts = encoded(old, now.tokenText(token)).filter(
      (part) => part < before && part !== old.special.unknown,
    );
    if (parts.length > 0) pieces.set(id, parts);
  }
  return pieces;
}

/** What a text that is not whole characters is decoded to. */
const BROKEN = "\u{fffd}";

/** Tokens of a text; none where the tokenizer has no way to write it. */
function encoded(tokenizer: TextTokenizer, text: string): readonly number[] {
  if (text.includes(BROKEN)) return [];
  try {
    return tokenizer.encode(text);
  } catch (error) {
    if (LigoError.isInstance(error)) return [];
    throw error;
  }
}
