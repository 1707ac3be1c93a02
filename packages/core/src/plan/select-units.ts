import { PlanError } from "../errors/plan-error.js";
import type { Factor } from "../layout/layout.js";
import { chooseHeads } from "./choose-heads.js";
import { chooseRotary } from "./choose-rotary.js";
import type { PlannedSpace } from "./planned-spaces.js";
import { keptPick, pickedUnits, type OldUnits, type UnitPick } from "./unit-picks.js";

/** The old units that every new unit of a space is made of. */
export interface Selection {
  readonly old: readonly OldUnits[];
  /** New units per old unit. */
  readonly copies: readonly number[];
  /**
   * Per new unit its share in the inner product of its head, where its old unit occurs several times there: 1 over their
   * number; of turned pairs 1 for one of them and 0 for its copies, which turn at other speeds.
   */
  readonly shareInHead: readonly number[];
}

/** A factor before and after. */
export interface FactorPair {
  readonly old: Factor;
  readonly now: Factor;
}

/** The factors of a space; one that is no product in source and target is a factor of its own. */
export function factorPairs({
  name,
  newSize,
  oldFactors,
  oldSize,
  space,
}: PlannedSpace): readonly FactorPair[] {
  const { factors } = space;
  if (factors === undefined || factors.length !== oldFactors?.length)
    return [{ old: { name, size: oldSize }, now: { name, size: newSize } }];
  return factors.map((now, index) => ({ old: oldFactors[index] ?? now, now }));
}

/**
 * The units of a space as a pick chooses them, factor by factor: spaces that name the same factors choose alike, whatever else
 * they are made of. Heads that become fewer are means of old ones; query heads stay with their keys and values.
 *
 * Throws `plan/heads-shrink` where heads have fewer channels in the target.
 */
export function selectUnits(space: PlannedSpace, pick: UnitPick): Selection {
  const choices = chooseFactors(space, pick);
  let old: readonly OldUnits[] = [[0]];
  for (const { old: own, oldSize } of choices) {
    old = old.flatMap((outer) =>
      own.map((inner) => outer.flatMap((a) => inner.map((b) => a * oldSize + b))),
    );
  }
  const inner = choices.at(-1);
  const shares = inner === undefined ? [] : (inner.shares ?? evenShares(inner));
  return {
    old,
    copies: countCopies(old, space.oldSize),
    shareInHead: old.map((_, unit) => shares[unit % shares.length] ?? 1),
  };
}

/**
 * The places of a space's old units among the new ones, each once: [i] where new unit i is an old one, nothing where it is new.
 * Channels of heads that shrink are mixed whatever the pick; they stay as far as there is place.
 */
export function keptUnits(space: PlannedSpace): readonly OldUnits[] {
  const shrinks = factorPairs(space).some(
    ({ old, now }, index, { length }) => index === length - 1 && now.size < old.size,
  );
  if (shrinks)
    return Array.from({ length: space.newSize }, (_, unit) => (unit < space.oldSize ? [unit] : []));
  return selectUnits(space, keptPick).old;
}

/** A choice of the units of one factor, or of two where one owns the other. */
interface Choice {
  readonly old: readonly OldUnits[];
  readonly oldSize: number;
  readonly shares?: readonly number[];
}

function chooseFactors(space: PlannedSpace, pick: UnitPick): readonly Choice[] {
  const pairs = factorPairs(space);
  return pairs.flatMap(({ old, now }, index): readonly Choice[] => {
    const inner = pairs[index + 1];
    if (now.owns !== undefined) {
      const heads = chooseHeads(old, now, pick);
      return inner?.now.within === now.name
        ? [{ old: heads.members, oldSize: old.size * inner.old.size }]
        : [{ old: heads.owners, oldSize: old.size }];
    }
    if (now.within !== undefined) return [];
    const isInner = inner === undefined && pairs.length > 1;
    if (isInner && now.size < old.size) throw smallerHeads(space, old, now);
    if (old.rotary !== undefined || now.rotary !== undefined)
      return [{ oldSize: old.size, ...chooseRotary(old, now, pick) }];
    return [{ old: pickedUnits(old.size, now.size, pick), oldSize: old.size }];
  });
}

function smallerHeads({ name }: PlannedSpace, old: Factor, now: Factor): PlanError {
  const [expected, actual] = [`heads of at least ${old.size}`, `heads of ${now.size}`];
  return new PlanError(
    "plan/heads-shrink",
    `The space "${name}" goes from heads of ${old.size} to ${actual}. Copying heads needs ${expected}; ` +
      "change num_attention_heads of the target, or use a width start that mixes heads.",
    { tensor: name, expected, actual },
  );
}

function evenShares({ old, oldSize }: Choice): readonly number[] {
  const copies = countCopies(old, oldSize);
  return old.map(([unit]) => 1 / (copies[unit ?? -1] ?? 1));
}

function countCopies(all: readonly OldUnits[], size: number): readonly number[] {
  const found: number[] = Array.from({ length: size }, () => 0);
  for (const unit of all.flat()) found[unit] = (found[unit] ?? 0) + 1;
  return found;
}
