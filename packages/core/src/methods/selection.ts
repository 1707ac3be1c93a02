import { PlanError } from "../errors/plan-error.js";
import type { PlannedSpace } from "../plan/planned-spaces.js";
import type { Random } from "../random.js";

/** The old thing that every new one copies, of `old` and `now` things (units, or heads); `undefined`: none. */
export type UnitPick = (old: number, now: number) => readonly (number | undefined)[];

const range = <Value>(count: number, make: (index: number) => Value): readonly Value[] =>
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

/**
 * The old ones stay, and each new one copies any of them: the random mapping of Net2Net and bert2BERT. It depends on the
 * two counts alone, so that spaces of equal counts choose alike: what makes a head copies the query, the key and the value
 * of one head.
 */
export function randomPick(random: Random): UnitPick {
  return (old, now) => {
    const own = random.fork(`copies.${old}.${now}`);
    return range(now, (index) => (index < old ? index : own.integer(old)));
  };
}

/** The old unit that every new unit copies. */
export interface Selection {
  /** Old unit per new unit; `undefined` where it copies none. */
  readonly old: readonly (number | undefined)[];
  /** New units per old unit. */
  readonly copies: readonly number[];
  /** Per new unit how often its old unit occurs within its head. */
  readonly copiesInHead: readonly number[];
}

/**
 * The units of a space as a pick chooses them: whole heads where the space has a `unit`, and units within a head by the
 * same pick where the head size grows too.
 *
 * Throws `plan/heads-shrink` where the target has fewer or smaller heads.
 */
export function selectUnits(space: PlannedSpace, pick: UnitPick): Selection {
  const { oldUnit, newUnit } = units(space);
  const heads = pick(space.oldSize / oldUnit, space.newSize / newUnit);
  const within = pick(oldUnit, newUnit);
  const old = heads.flatMap((head) =>
    within.map((unit) =>
      head === undefined || unit === undefined ? undefined : head * oldUnit + unit,
    ),
  );
  const count = (all: readonly (number | undefined)[], size: number): readonly number[] => {
    const found = Array.from({ length: size }, () => 0);
    for (const unit of all) if (unit !== undefined) found[unit] = (found[unit] ?? 0) + 1;
    return found;
  };
  const inHead = count(within, oldUnit);
  return {
    old,
    copies: count(old, space.oldSize),
    copiesInHead: heads.flatMap(() => within.map((unit) => inHead[unit ?? -1] ?? 0)),
  };
}

/** Head sizes; a space without heads in source or target is one head in which units repeat. */
export function units(space: PlannedSpace): { readonly oldUnit: number; readonly newUnit: number } {
  const { oldSize, newSize, oldUnit } = space;
  const newUnit = space.space.unit;
  if (oldUnit === undefined || newUnit === undefined) return { oldUnit: oldSize, newUnit: newSize };
  const [oldHeads, newHeads] = [oldSize / oldUnit, newSize / newUnit];
  if (newUnit < oldUnit || newHeads < oldHeads) {
    const [expected, actual] = [
      `at least ${oldHeads} heads of at least ${oldUnit}`,
      `${newHeads} heads of ${newUnit}`,
    ];
    throw new PlanError(
      "plan/heads-shrink",
      `The space "${space.name}" goes from ${oldHeads} heads of ${oldUnit} to ${actual}. Copying heads needs ${expected}; ` +
        "change num_attention_heads of the target, or use a width start that mixes heads.",
      { tensor: space.name, expected, actual },
    );
  }
  return { oldUnit, newUnit };
}
