import { operatorForm } from "../operator/operator-tensors.js";
import type { Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { freshLayers, withNewUnits } from "./change-reasons.js";
import { createOperator } from "./create-operator.js";
import { depthOrOne } from "./depth-start.js";
import { copiedFrom, freshEntries, type FreshOptions } from "./fresh-entries.js";
import { functionPreservingWidth } from "./function-preserving.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { deviation, ownDeviation, readPower } from "./options.js";
import { factorPairs } from "../plan/select-units.js";
import { keptPick } from "../plan/unit-picks.js";
import { scaled } from "./scaled.js";

/**
 * Direct copy (Wei et al., 2016): the source's units and layers stay where they are, W in the upper left block of W' =
 * [W, *; *, *], and everything else starts from scratch. Widths [I; 0], depth [I; 0].
 */
export const directCopy: Method<DirectCopyOptions, "direct-copy"> = defineMethod({
  name: "direct-copy",
  says: "Old units and layers stay where they are; everything new starts from scratch.",
  source: "Wei et al., 2016, arXiv:1603.01670",
  options: { deviation, ownDeviation, readPower },
  learns: false,
  keepsFunction: (plan) =>
    keptUnless([...freshLayers(plan), ...freshUnits(plan), ...headChanges(plan)]),
  operator: (plan, { initialDeviation, options, random }) => {
    const { ownDeviation: isOwn = false, readPower: power = 0 } = options;
    const drawn = freshEntries(random, options.deviation ?? (isOwn ? 1 : initialDeviation));
    const copied = { ...keptPart(plan, random), fresh: drawn };
    return isOwn || power !== 0 ? inPlaces(plan, random, copied, options) : copied;
  },
});

export interface DirectCopyOptions extends FreshOptions {
  /** Whether the deviation is in units of each tensor's own. Default false. */
  readonly ownDeviation?: boolean | undefined;
  /** Power of the factor on what reads a space that grows. Default 0. */
  readonly readPower?: number | undefined;
}

/** A direct copy whose fresh entries are told by their places, so that they stay while maps are learned. */
export function placedCopy(plan: Plan, random: Random, copied: Operator): Operator {
  return copied.fresh?.places === undefined ? inPlaces(plan, random, copied, {}) : copied;
}

function inPlaces(
  plan: Plan,
  random: Random,
  copied: Operator,
  { ownDeviation: isOwn = false, readPower: power = 0 }: DirectCopyOptions,
): Operator {
  const { fresh } = copied;
  if (fresh === undefined) return copied;
  const layers = copiedFrom(plan, "kept", random);
  const scale = power === 0 ? {} : { readPower: power };
  return {
    ...copied,
    fresh: {
      ...fresh,
      ...(isOwn ? { relative: true } : {}),
      places: { rule: "new", layers, ...scale },
    },
    ...scale,
  };
}

/** Width: old units read new ones, which start from scratch. */
export function freshUnits(plan: Plan): readonly string[] {
  return withNewUnits(plan).map(
    ({ name, newSize, oldSize }) =>
      `${name}: ${oldSize} becomes ${newSize}, and old units meet new ones, which start from scratch`,
  );
}

/**
 * The source in the upper left block of everything, and nothing else: widths [I; 0], depth [I; 0].
 *
 * @param factor of the source's weights. Default 1
 */
export function keptPart(plan: Plan, random: Random, factor = 1): Operator {
  const weights = new Set(
    plan.target.parameters.flatMap(({ initial, name }) => (initial === "normal" ? [name] : [])),
  );
  return createOperator(
    plan,
    operatorForm("model"),
    { carried: true, outsideStacks: factor === 1 ? false : weights },
    {
      width: (space) => {
        // A query is not rescaled where its head grows: the new entries of the head are random anyway.
        const inner = factorPairs(space).at(-1);
        const { pairing: _, ...unpaired } = space.space;
        const own = inner?.now.size === inner?.old.size ? space.space : unpaired;
        return functionPreservingWidth({ ...space, space: own }, random, { pick: keptPick });
      },
      depth(info) {
        const isWeight = weights.has(info.parameter ?? "");
        return scaled(depthOrOne(plan, "kept", info, random), isWeight ? factor : 1);
      },
    },
  );
}
