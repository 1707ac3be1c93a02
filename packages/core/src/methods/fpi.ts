import type { Plan } from "../plan/plan.js";
import { copiedLayers, randomCopies, tiedReadouts } from "./change-reasons.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { redrawn } from "./options.js";
import { redrawnChanges, redrawnCopies, type RedrawnOptions } from "./redrawn-units.js";
import { randomPick } from "../plan/unit-picks.js";

/** The ways in which function-preserving initialisation changes a function. */
export function fpiChanges(plan: Plan): readonly string[] {
  return [
    ...copiedLayers(plan),
    ...randomCopies(plan),
    ...tiedReadouts(plan),
    ...headChanges(plan),
  ];
}

/**
 * Function-preserving initialisation of bert2BERT (Chen et al., 2022): the width of Net2WiderNet, one random choice for
 * every space of the same size and whole heads, norms indexed and not rescaled; the widened model is stacked, and layers
 * left over copy its uppermost ones.
 */
export const fpi: Method<RedrawnOptions, "fpi"> = defineMethod({
  name: "fpi",
  says: "New units copy random ones; the widened model is stacked.",
  source: "bert2BERT, Chen et al., 2022",
  options: { redrawn },
  learns: false,
  keepsFunction: (plan, _architecture, options) =>
    keptUnless([...redrawnChanges(plan, options), ...fpiChanges(plan)]),
  operator: (plan, { options, random }) =>
    redrawnCopies(plan, random, { pick: randomPick(random), depth: "stack-top", ...options }),
});
