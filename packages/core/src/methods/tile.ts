import type { Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import { createRandom } from "../random.js";
import { copyOperator } from "./copy-operator.js";
import { centredPick } from "./selection.js";

/**
 * Tiling, as ModernBERT-large was started from -base: the source's weights in the middle of the target's and repeated to all
 * sides, heads as a whole, and target layer i from source layer round(i L1 / L2). What reads copies is not divided: keeps
 * no function.
 */
export function tileOperator(plan: Plan): Operator {
  // No start draws from it.
  return copyOperator(plan, createRandom(0), {
    pick: centredPick,
    depth: "proportional",
    divides: false,
  });
}
