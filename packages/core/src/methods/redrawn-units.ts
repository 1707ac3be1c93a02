import type { FreshPlaces, Operator } from "../operator/operator.js";
import { plannedSpaces } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import { selectUnits } from "../plan/select-units.js";
import { redrawnPick, unmadeUnits, type UnitPick } from "../plan/unit-picks.js";
import type { Random } from "../random.js";
import { withNewUnits } from "./change-reasons.js";
import { copyOperator } from "./copy-operator.js";
import type { DepthStart } from "./depth-start.js";
import { copiedFrom, freshEntries } from "./fresh-entries.js";

/** Options of methods that copy units. */
export interface RedrawnOptions {
  /** Share of new units that are drawn anew. Default 0. */
  readonly redrawn?: number | undefined;
}

/** The choices of a method that copies units and layers. */
interface RedrawnCopies extends RedrawnOptions {
  readonly pick: UnitPick;
  readonly depth: Extract<DepthStart, "stackbert" | "interlace" | "stack-top">;
}

/**
 * Copies of units and layers, of which a share of the new units (whole heads, too) is drawn anew, at the deviation of each tensor's own
 * entries: what Drop-Upcycling (Nakamura et al., 2025) does to copies of experts, so that they come to differ. Which ones follows
 * from the random numbers; the copies that are left share what reads them.
 */
export function redrawnCopies(
  plan: Plan,
  random: Random,
  { depth, pick, redrawn = 0 }: RedrawnCopies,
): Operator {
  if (redrawn === 0) return copyOperator(plan, random, { pick, depth });
  const own = redrawnPick(random, pick, redrawn);
  const layers = copiedFrom(plan, depth, random);
  return {
    ...copyOperator(plan, random, { pick: own, depth }),
    fresh: {
      ...freshEntries(random, 1),
      relative: true,
      places: { rule: "new", layers, units: redrawnUnits(plan, own) },
    },
  };
}

function redrawnUnits(plan: Plan, pick: UnitPick): NonNullable<FreshPlaces["units"]> {
  const grown = [...plannedSpaces(plan).values()].filter(({ space }) => space.grows);
  return Object.fromEntries(
    grown.flatMap((space) => {
      const units = unmadeUnits(selectUnits(space, pick).old);
      return units.length === 0 ? [] : [[space.name, units]];
    }),
  );
}

/** Width: new units that are drawn, and that old ones read. */
export function redrawnChanges(
  plan: Plan,
  { redrawn = 0 }: RedrawnOptions = {},
): readonly string[] {
  if (redrawn === 0) return [];
  return withNewUnits(plan).map(
    ({ name, newSize, oldSize }) =>
      `${name}: ${oldSize} becomes ${newSize}, and a share of ${redrawn} of the new ones is drawn`,
  );
}
