import type { Factor } from "../layout/layout.js";
import { pickedUnits, range, type OldUnits, type UnitPick } from "./unit-picks.js";

/** Speeds that differ by less than this share are one: the same power, taken in another way. */
const SAME_SPEED = 1e-6;

/** A choice of the channels of a head that rotary embeddings turn. */
export interface RotaryChoice {
  /** Old channel per new one. */
  readonly old: readonly OldUnits[];
  /** Share of each new channel in the inner product of queries and keys, whose copies turn at other speeds. */
  readonly shares: readonly number[];
}

/**
 * The channels of a head, pair by pair: an old pair goes to the new one that turns at the same speed (twice the head size has it
 * at twice the index), one without such a place to the first that is free, and what is then left copies pairs that are picked.
 */
export function chooseRotary(old: Factor, now: Factor, pick: UnitPick): RotaryChoice {
  const [oldPairs, newPairs] = [pairCount(old), pairCount(now)];
  const { pairs, primaries } = placedPairs(old, now);
  const extra = pickedUnits(oldPairs, Math.max(oldPairs, newPairs), pick).slice(oldPairs);
  let next = 0;
  const chosen = pairs.map((pair) => (pair === undefined ? (extra[next++] ?? []) : [pair]));
  const plain = pickedUnits(old.size - 2 * oldPairs, now.size - 2 * newPairs, pick);
  const counts = new Map<number, number>();
  for (const unit of plain.flat()) counts.set(unit, (counts.get(unit) ?? 0) + 1);
  return {
    old: [
      ...chosen,
      ...chosen.map((units) => units.map((pair) => pair + oldPairs)),
      ...plain.map((units) => units.map((unit) => unit + 2 * oldPairs)),
    ],
    shares: [
      ...primaries,
      ...primaries,
      ...plain.map(([unit]) => 1 / (counts.get(unit ?? -1) ?? 1)),
    ],
  };
}

/** Whether some pair of channels turns at another speed in the target, so that a score of two positions changes. */
export function turnsOtherwise(old: Factor, now: Factor): boolean {
  return range(pairCount(old), (pair) => pair).some(
    (pair) => !range(pairCount(now), (to) => to).some((to) => isSameSpeed(old, now, pair, to)),
  );
}

const pairCount = ({ rotary }: Factor): number => rotary?.[0]?.length ?? 0;

/** The old pair of every new one as far as speeds and places decide, and 1 where there is one. */
function placedPairs(
  old: Factor,
  now: Factor,
): { readonly pairs: readonly (number | undefined)[]; readonly primaries: readonly number[] } {
  const [oldPairs, newPairs] = [pairCount(old), pairCount(now)];
  const placed = new Set<number>();
  const pairs: (number | undefined)[] = range(newPairs, (to) => {
    const found = range(oldPairs, (pair) => pair).find(
      (pair) => !placed.has(pair) && isSameSpeed(old, now, pair, to),
    );
    if (found !== undefined) placed.add(found);
    return found;
  }).slice();
  const moved = range(oldPairs, (pair) => pair).filter((pair) => !placed.has(pair));
  for (const pair of moved) {
    const free = pairs.indexOf(undefined);
    if (free >= 0) pairs[free] = pair;
  }
  return { pairs, primaries: pairs.map((pair) => (pair === undefined ? 0 : 1)) };
}

function isSameSpeed(old: Factor, now: Factor, pair: number, to: number): boolean {
  const [before, after] = [old.rotary ?? [], now.rotary ?? []];
  return (
    before.length === after.length &&
    before.every((speeds, kind) => {
      const [slow, fast] = [speeds[pair] ?? Number.NaN, after[kind]?.[to] ?? Number.NaN];
      return Math.abs(slow - fast) <= SAME_SPEED * Math.abs(slow);
    })
  );
}
