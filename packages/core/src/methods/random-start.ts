import { operatorForm } from "../operator/operator-tensors.js";
import type { Matrix, Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { createOperator } from "./create-operator.js";
import { freshEntries, type FreshOptions } from "./fresh-options.js";

/** Nothing of the source: every weight starts from scratch. What the other methods are measured against. */
export function randomOperator(plan: Plan, random: Random, options: FreshOptions = {}): Operator {
  const zeros = (rows: number, columns: number): Matrix => ({
    rows,
    columns,
    data: new Float32Array(rows * columns),
  });
  const empty = createOperator(
    plan,
    operatorForm("model"),
    { outsideStacks: true },
    {
      width: ({ newSize, oldSize }) => zeros(newSize, oldSize),
      depth: ({ rows, columns }) => zeros(rows, columns),
    },
  );
  return { ...empty, fresh: freshEntries(random, options) };
}
