import { operatorForm } from "../operator-tensors.js";
import type { Operator } from "../operator.js";
import type { Plan } from "../plan.js";
import { createRandom } from "../random.js";
import { createOperator } from "./create-operator.js";
import { depthStart } from "./depth-start.js";
import { functionPreservingRead, functionPreservingWidth } from "./function-preserving.js";

export interface StackOptions {
  /**
   * `stackbert` (default): target layer i copies source layer i mod L1. `interlace`: source layer floor(i L1 / L2).
   * `zero-block`: the same, and what the second and further copies of a layer write to the residual stream is zero.
   */
  readonly depth?: "stackbert" | "interlace" | "zero-block";
}

/** Copies only, nothing drawn or learned: function-preserving width, one map per space, and copied layers. */
export function stackOperator(plan: Plan, options: StackOptions = {}): Operator {
  // Neither start draws from it.
  const random = createRandom(0);
  return createOperator(
    plan,
    operatorForm("model"),
    { separateRead: true },
    {
      width: (space) => functionPreservingWidth(space, random),
      read: (space) => functionPreservingRead(space, random),
      depth: (info) => depthStart(plan, options.depth ?? "stackbert", info, random),
    },
  );
}
