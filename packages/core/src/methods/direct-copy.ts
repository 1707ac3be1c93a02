import { operatorForm } from "../operator/operator-tensors.js";
import type { Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { createOperator } from "./create-operator.js";
import { depthStart } from "./depth-start.js";
import { freshEntries, type FreshOptions } from "./fresh-options.js";
import { functionPreservingWidth } from "./function-preserving.js";
import { keptPick } from "./selection.js";

/**
 * Direct copy (Wei et al., 2016): the source's units and layers stay where they are, W in the upper left block of W' =
 * [W, *; *, *], and everything else starts from scratch. Widths [I; 0], depth [I; 0]; keeps no function, because old units
 * read new ones.
 */
export function directCopyOperator(
  plan: Plan,
  random: Random,
  options: FreshOptions = {},
): Operator {
  const copied = createOperator(
    plan,
    operatorForm("model"),
    {},
    {
      width: (space) => {
        // A query is not rescaled where its head grows: the new entries of the head are random anyway.
        const { pairedWith: _, ...unpaired } = space.space;
        return functionPreservingWidth({ ...space, space: unpaired }, random, { pick: keptPick });
      },
      depth: (info) => depthStart(plan, "kept", info, random),
    },
  );
  return { ...copied, fresh: freshEntries(random, options) };
}
