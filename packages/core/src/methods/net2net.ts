import type { Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { copyOperator } from "./copy-operator.js";
import { randomPick } from "./selection.js";

/**
 * Net2Net (Chen et al., 2016). Net2WiderNet: the old units stay, each new one copies a random old one, and what reads the
 * copies of a unit divides by their number. Net2DeeperNet: added layers are identities where a layer can be one: where
 * norms stand before the sublayers they write nothing to the residual stream (`zero-block`); where norms stand after the
 * sums no layer is an identity, and they are as near to one as copied norms are.
 *
 * Keeps the function where no norm runs over a widened space (a wider MLP), and in depth for `pre` stacks. Norms count
 * every copy, and a random choice does not copy all units equally often: widening the embedding space is not exact.
 */
export function net2netOperator(plan: Plan, random: Random): Operator {
  return copyOperator(plan, random, { pick: randomPick(random), depth: "zero-block" });
}
