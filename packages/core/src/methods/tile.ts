import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { copiedLayers, widened } from "./change-reasons.js";
import { copyOperator } from "./copy-operator.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { centredPick } from "../plan/unit-picks.js";

/**
 * Tiling, as ModernBERT-large was started from -base: the source's weights in the middle of the target's and repeated to all
 * sides, heads as a whole, and target layer i from source layer round(i L1 / L2). What reads copies is not divided.
 */
export const tile: Method<object, "tile"> = defineMethod({
  name: "tile",
  says: "Weights lie in the middle and repeat to all sides; layer i copies layer round(i L1 / L2).",
  source: "ModernBERT, Warner et al., 2024",
  options: {},
  learns: false,
  keepsFunction: (plan) =>
    keptUnless([...copiedLayers(plan), ...undividedCopies(plan), ...headChanges(plan)]),
  operator: (plan) =>
    // No start draws from it.
    copyOperator(plan, createRandom(0), {
      pick: centredPick,
      depth: "proportional",
      divides: false,
    }),
});

function undividedCopies(plan: Plan): readonly string[] {
  return widened(plan)
    .filter(({ isRead }) => isRead)
    .map(
      ({ name, newSize, oldSize }) =>
        `${name}: ${oldSize} becomes ${newSize}, and what reads its copies adds them up undivided`,
    );
}
