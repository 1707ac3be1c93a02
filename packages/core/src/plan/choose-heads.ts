import type { Factor } from "../layout/layout.js";
import { mergedUnits, pickedUnits, range, type OldUnits, type UnitPick } from "./unit-picks.js";

/** Heads of keys and values, and how many query heads share each. */
export type Owners = Pick<Factor, "size" | "owns">;

/** A choice of heads. */
export interface HeadChoice {
  /** Old key-value heads per new one. */
  readonly owners: readonly OldUnits[];
  /** Old query heads per new one, both counted through all groups. */
  readonly members: readonly OldUnits[];
}

/**
 * The heads of grouped-query attention, chosen together: a query head goes with the keys and values it reads.
 * - Smaller groups: every old key-value head is repeated so often that all of its query heads find a place (un-grouping), then
 *   heads are picked. Where there are too few for that, query heads of a group are merged.
 * - Fewer key-value heads: each is the mean of old ones, and their query heads stand behind each other.
 */
export function chooseHeads(old: Owners, now: Owners, pick: UnitPick): HeadChoice {
  const [oldGroup, newGroup] = [old.owns ?? 1, now.owns ?? 1];
  if (now.size < old.size) return mergedHeads(old, now, pick);
  const parts = Math.ceil(oldGroup / newGroup);
  if (parts > 1 && now.size >= parts * old.size) {
    const heads = pickedUnits(parts * old.size, now.size, pick);
    const member = (part: number, index: number): number =>
      Math.floor(part / parts) * oldGroup + (((part % parts) * newGroup + index) % oldGroup);
    return {
      owners: heads.map((units) => units.map((part) => Math.floor(part / parts))),
      members: heads.flatMap((units) =>
        range(newGroup, (index) => units.map((part) => member(part, index))),
      ),
    };
  }
  const owners = pickedUnits(old.size, now.size, pick);
  const group = pickedUnits(oldGroup, newGroup, pick);
  return {
    owners,
    members: owners.flatMap((units) =>
      group.map((heads) => units.flatMap((owner) => heads.map((head) => owner * oldGroup + head))),
    ),
  };
}

function mergedHeads(old: Owners, now: Owners, pick: UnitPick): HeadChoice {
  const [oldGroup, newGroup] = [old.owns ?? 1, now.owns ?? 1];
  const owners = mergedUnits(old.size, now.size);
  return {
    owners,
    members: owners.flatMap((units) =>
      pickedUnits(units.length * oldGroup, newGroup, pick).map((heads) =>
        heads.map((head) => (units[0] ?? 0) * oldGroup + head),
      ),
    ),
  };
}

/** The way in which heads become fewer, whatever the pick; `undefined` where every old one keeps a place of its own. */
export function lostHeads(old: Owners, now: Owners): "keys and values" | "queries" | undefined {
  if (now.size < old.size) return "keys and values";
  const parts = Math.ceil((old.owns ?? 1) / (now.owns ?? 1));
  return parts > 1 && now.size < parts * old.size ? "queries" : undefined;
}
