import type { Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { copiedLayers, tiedReadouts, unevenCopies } from "./change-reasons.js";
import { copyOperator } from "./copy-operator.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { redrawn } from "./options.js";
import { redrawnChanges, redrawnCopies, type RedrawnOptions } from "./redrawn-units.js";
import { cyclicPick } from "../plan/unit-picks.js";

export interface StackOptions {
  /**
   * `stackbert` (default): target layer i copies source layer i mod L1. `interlace`: source layer floor(i L1 / L2).
   * `zero-block`: the same, and what the second and further copies of a layer write to the residual stream is zero.
   */
  readonly depth?: "stackbert" | "interlace" | "zero-block";
}

/**
 * Copies only, nothing drawn or learned: function-preserving width, one map per space, and copied layers. In depth
 * `stackbert` is StackBERT (Gong et al., 2019); Proposition 1 of the paper gives it and `interlace` as depth matrices.
 */
export function stackOperator(plan: Plan, options: StackOptions = {}): Operator {
  // No start draws from it.
  return copyOperator(plan, createRandom(0), { depth: options.depth ?? "stackbert" });
}

export const stack: Method<RedrawnOptions, "stack"> = defineMethod({
  name: "stack",
  says: "Layer i copies layer i mod L1; units are copied in turn and shared evenly by what reads them.",
  source: "StackBERT, Gong et al., 2019",
  options: { redrawn },
  learns: false,
  keepsFunction: (plan, _architecture, options) =>
    keptUnless([
      ...redrawnChanges(plan, options),
      ...copiedLayers(plan),
      ...unevenCopies(plan),
      ...tiedReadouts(plan),
      ...headChanges(plan),
    ]),
  operator: (plan, { options, random }) =>
    redrawnCopies(plan, random, { pick: cyclicPick, depth: "stackbert", ...options }),
});
