import type { Random } from "@ligo/core";

/** Changes some bytes; the given ones stay as they are. */
export type Mutator = (bytes: Uint8Array, random: Random) => Uint8Array;

/** One of a list. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(list.length)] as T;
}

/** True in a share of all draws. */
export const chance = (random: Random, share: number): boolean => random.uniform() < share;

/** A count from 1 on, each further one half as likely. */
export function few(random: Random, most: number = 6): number {
  let count = 1;
  while (count < most && chance(random, 0.5)) count++;
  return count;
}
