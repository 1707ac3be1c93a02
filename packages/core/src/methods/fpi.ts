import type { Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { copyOperator } from "./copy-operator.js";
import { randomPick } from "./selection.js";

/**
 * Function-preserving initialisation of bert2BERT (Chen et al., 2022): the width of Net2WiderNet, one random choice for
 * every space of the same size and whole heads, norms indexed and not rescaled; the widened model is stacked, and layers
 * left over copy its uppermost ones.
 *
 * In width it keeps the function where no norm runs over a widened space, and is near it otherwise; stacking keeps none.
 */
export function fpiOperator(plan: Plan, random: Random): Operator {
  return copyOperator(plan, random, { pick: randomPick(random), depth: "stack-top" });
}
