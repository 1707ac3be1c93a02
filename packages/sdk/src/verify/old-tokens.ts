import type { Layout } from "@ligo/core";
import type { StoredRows } from "@ligo/core/operator";
import type { Output } from "../models/forward-result.js";
import type { InputBatch } from "../models/model-inputs.js";
import { UsageError } from "../usage-error.js";

/** The tokens of a model that the one grown from it still has, and their ids there. */
export interface OldTokens {
  /** Tokens of either model. */
  readonly before: number;
  readonly after: number;
  /** Ids in the small model. */
  readonly old: Int32Array;
  /** Ids of the same tokens in the grown model. */
  readonly now: Int32Array;
}

/**
 * The tokens that both models have; `undefined` where these are all of both, by the same ids. Without a record old tokens keep
 * their ids.
 */
export function oldTokens(
  small: Layout,
  grown: Layout,
  rows: ReadonlyMap<string, StoredRows>,
): OldTokens | undefined {
  const [space, own] =
    Object.entries(small.spaces).find(([, one]) => one.rows?.of === "tokens") ?? [];
  const after = grown.spaces[space ?? ""]?.size;
  const places = rows.get(space ?? "")?.places;
  if (own === undefined || after === undefined) return undefined;
  const before = own.size;
  if (places === undefined && after === before) return undefined;
  const old: number[] = [];
  const now: number[] = [];
  for (let row = 0; row < after; row++) {
    const place = places === undefined ? (row < before ? row : -1) : (places[row] ?? -1);
    if (place < 0) continue;
    old.push(place);
    now.push(row);
  }
  return { before, after, old: Int32Array.from(old), now: Int32Array.from(now) };
}

/** Inputs of both models, the ids of tokens as each of them has them. */
export interface InputPair {
  readonly small: InputBatch;
  readonly grown: InputBatch;
}

/**
 * The same tokens for both models.
 *
 * @param names inputs that hold ids of tokens
 * @param isRandom whether ids are drawn: then tokens that the grown model lacks are replaced. Otherwise {@link UsageError}
 *   `sdk/token-lost` is thrown for these
 */
export function sameTokens(
  { arrays, specs }: InputBatch,
  names: readonly string[],
  { before, now, old }: OldTokens,
  isRandom: boolean,
): InputPair {
  const places = new Int32Array(before).fill(-1);
  for (const [index, id] of old.entries()) places[id] = index;
  const indexOf = (id: number): number => {
    const index = places[id] ?? -1;
    if (index >= 0) return index;
    if (isRandom) return id % old.length;
    throw new UsageError(
      "sdk/token-lost",
      `The inputs hold the token ${id}, which the grown model has no more. Leave it out of the inputs.`,
      { expected: "tokens of both models", actual: String(id) },
    );
  };
  const [small, grown] = [{ ...arrays }, { ...arrays }];
  for (const name of names) {
    const indices = Int32Array.from(arrays[name] ?? [], indexOf);
    small[name] = indices.map((index) => old[index] ?? 0);
    grown[name] = indices.map((index) => now[index] ?? 0);
  }
  return { small: { specs, arrays: small }, grown: { specs, arrays: grown } };
}

/** An output over the tokens of a model, and only those of `ids`; any other as it is. */
export function overTokens({ data, shape }: Output, tokens: number, ids: Int32Array): Output {
  if (shape.at(-1) !== tokens) return { data, shape };
  const rows = data.length / tokens;
  const picked = new Float32Array(rows * ids.length);
  for (let row = 0; row < rows; row++) {
    for (const [index, id] of ids.entries())
      picked[row * ids.length + index] = data[row * tokens + id] ?? Number.NaN;
  }
  return { data: picked, shape: [...shape.slice(0, -1), ids.length] };
}
