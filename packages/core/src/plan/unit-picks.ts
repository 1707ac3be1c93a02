import type { Random } from "../random.js";

/** The old things that a new one is made of: none, one that it copies, or several that it is the mean of. */
export type OldUnits = readonly number[];

/** The old thing that every new one copies, of `old` and `now` >= `old` things (units, or heads); `undefined`: none. */
export type UnitPick = (old: number, now: number) => readonly (number | undefined)[];

export const range = <Value>(count: number, make: (index: number) => Value): readonly Value[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** New i copies old i mod old: even where `now` is a multiple of `old`. */
export const cyclicPick: UnitPick = (old, now) => range(now, (index) => index % old);

/** The old ones stay and the new ones copy nothing. */
export const keptPick: UnitPick = (old, now) =>
  range(now, (index) => (index < old ? index : undefined));

/** The old ones lie in the middle and repeat to both sides. */
export const centredPick: UnitPick = (old, now) => {
  const start = Math.floor((now - old) / 2);
  return range(now, (index) => (((index - start) % old) + old) % old);
};

/** The old ones stay, and each new one copies any of them: the random mapping of Net2Net and bert2BERT. */
export function randomPick(random: Random): UnitPick {
  return (old, now) => {
    const own = random.fork(`copies.${old}.${now}`);
    return range(now, (index) => (index < old ? index : own.integer(old)));
  };
}

/** Below what rounding leaves of a product. */
const TINY = 1e-9;

/** A pick of whose new ones a share, at least one of them, copies nothing: random ones. */
export function redrawnPick(random: Random, pick: UnitPick, share: number): UnitPick {
  return (old, now) => {
    const own = random.fork(`redrawn.${old}.${now}`);
    const added = [...range(now - old, (index) => old + index)];
    const count = Math.ceil(share * added.length - TINY);
    const drawn = new Set(range(count, () => added.splice(own.integer(added.length), 1)[0] ?? old));
    return pick(old, now).map((unit, index) => (drawn.has(index) ? undefined : unit));
  };
}

/** The units that are made of no old one. */
export const unmadeUnits = (old: readonly OldUnits[]): readonly number[] =>
  old.flatMap((from, unit) => (from.length === 0 ? [unit] : []));

/** The units of a pick, or means of neighbours where there are fewer new things than old. */
export function pickedUnits(old: number, now: number, pick: UnitPick): readonly OldUnits[] {
  if (now < old) return mergedUnits(old, now);
  return pick(old, now).map((unit) => (unit === undefined ? [] : [unit]));
}

/** Fewer new things than old: each is the mean of neighbours, in numbers that differ by one at most. */
export function mergedUnits(old: number, now: number): readonly OldUnits[] {
  const border = (index: number): number => Math.floor((index * old) / now);
  return range(now, (index) =>
    range(border(index + 1) - border(index), (unit) => border(index) + unit),
  );
}
