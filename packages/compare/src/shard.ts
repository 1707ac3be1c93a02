/** A part of the cells: the `index`th of `count`, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** What a shard is written as. */
export const SHARD_SYNTAX = "k/n with k from 1 to n";

/** `2/4`: the second of four parts; `undefined` for anything else. */
export function parseShard(text: string): Shard | undefined {
  const [, index, count] = /^(\d+)\/(\d+)$/u.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  return shard.index >= 1 && shard.index <= shard.count ? shard : undefined;
}
