import { operatorForm } from "../operator/operator-tensors.js";
import type { Matrix, Operator, WidthScope } from "../operator/operator.js";
import { plannedSpaces } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";

/** An operator of one map per space as one that has a map for each target or source layer, all of them the same. */
export function layeredOperator(plan: Plan, operator: Operator, scope: WidthScope): Operator {
  if (scope === "model" || operator.widthScope !== "model") return operator;
  const spaces = plannedSpaces(plan);
  const { stacks } = scope === "target-layer" ? plan.target : plan.source;
  const tensors = new Map<string, Matrix>();
  for (const [name, matrix] of operator.tensors) {
    const space = /^(?:term\.\d+\.)?(?:width|read|elem)\.(.+)$/u.exec(name)?.[1];
    const stack = spaces.get(space ?? "")?.stack;
    if (stack === undefined) tensors.set(name, matrix);
    else
      for (let layer = 0; layer < (stacks[stack]?.layers ?? 0); layer++)
        tensors.set(`${name}.${layer}`, matrix);
  }
  return { ...operator, ...operatorForm(scope), tensors };
}
