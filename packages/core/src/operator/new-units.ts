import { isStream } from "../layout/norms.js";
import type { Layout, Parameter } from "../layout/layout.js";
import { plannedSegments, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import { factorPairs, keptUnits } from "../plan/select-units.js";
import type { FreshPlaces } from "./operator.js";

/**
 * The place of an index of an axis: that of an old unit, or of a new one. New is
 * - `stream`: a channel of a space with a norm over it;
 * - `key`: a further channel of an old head, on the side that queries meet;
 * - `inner`: any other unit, of an MLP or of a new head.
 */
export type UnitPlace = "old" | "stream" | "key" | "inner";

/** Finds the places of units. */
export interface UnitPlaces {
  /** The places along an axis of a tensor, in the order of the maps. */
  axis(tensor: PlannedTensor, axis: number): readonly UnitPlace[];
}

/**
 * @param spaces those of the plan
 * @param units by space, the new units, where they are told
 */
export function unitPlaces(
  plan: Pick<Plan, "source" | "target">,
  spaces: ReadonlyMap<string, PlannedSpace>,
  units?: FreshPlaces["units"],
): UnitPlaces {
  const known = new Map<string, readonly UnitPlace[]>();
  const ofSpace = (space: PlannedSpace): readonly UnitPlace[] => {
    const found = known.get(space.name) ?? placesIn(plan.target, space, units);
    known.set(space.name, found);
    return found;
  };
  return {
    axis: (tensor, axis) =>
      plannedSegments(plan, tensor, axis).flatMap(({ newSize, space: name }) => {
        const space = spaces.get(name);
        const role = tensor.parameter.axes[axis]?.role;
        if (role === "fixed" || space === undefined || !space.space.grows)
          return Array.from({ length: newSize }, () => "old" as const);
        return ofSpace(space);
      }),
  };
}

function placesIn(
  target: Layout,
  space: PlannedSpace,
  units: FreshPlaces["units"],
): readonly UnitPlace[] {
  if (units === undefined) return placesOf(target, space);
  const told = new Set(units[space.name]);
  return Array.from({ length: space.newSize }, (_, unit) => (told.has(unit) ? "inner" : "old"));
}

function placesOf(target: Layout, space: PlannedSpace): readonly UnitPlace[] {
  const kept = keptUnits(space);
  const place = isStream(target, space.name) ? "stream" : "inner";
  const channels = meetsQueries(target, space.name)
    ? (factorPairs(space).at(-1)?.now.size ?? 1)
    : 1;
  return kept.map((units, unit) => {
    if (units.length > 0) return "old";
    const head = unit - (unit % channels);
    const isOldHead = kept.slice(head, head + channels).some((others) => others.length > 0);
    return isOldHead ? "key" : place;
  });
}

/** Whether queries meet a space in scores: it is that of keys, also where norms of heads stand in between. */
function meetsQueries({ spaces }: Layout, name: string): boolean {
  const met = new Set(Object.values(spaces).flatMap(({ pairing }) => pairing?.with ?? []));
  return met.has(name) || met.has(spaces[name]?.normedBy ?? "");
}

type Sizes = Pick<PlannedSpace, "name" | "newSize" | "oldSize">;

/**
 * The share of a space's mean square that its norm still finds where new channels hold nothing: d / d'. New channels of an old
 * head hold something in queries, so that only norms of keys find less.
 */
export function normShare(target: Layout, { name, newSize, oldSize }: Sizes): number {
  return isStream(target, name) || meetsQueries(target, name) ? oldSize / newSize : 1;
}

/** The factor of what writes a space, where no epsilon can shrink with the mean square: then this stays what it is. */
export function writeScale(target: Layout, space: Sizes): number {
  const isFixed = target.normEpsilon === "fixed" && isStream(target, space.name);
  return isFixed ? 1 / Math.sqrt(normShare(target, space)) : 1;
}

/** The factor of the gain of a norm over a space. That before a tied readout makes up for the scale of the table, too. */
export function gainScale(
  target: Layout,
  { readout }: Pick<Parameter, "readout">,
  space: Sizes,
): number {
  const scale = Math.sqrt(normShare(target, space));
  return readout === true ? scale / writeScale(target, space) : scale;
}
