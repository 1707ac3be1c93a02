import { operatorForm } from "../operator/operator-tensors.js";
import type { Matrix, Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import { createOperator } from "./create-operator.js";
import { freshEntries, type FreshOptions } from "./fresh-entries.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { deviation } from "./options.js";

/** Nothing of the source, and everything from scratch: the baseline that the other methods are measured against. */
export const randomStart: Method<FreshOptions, "random"> = defineMethod({
  name: "random",
  says: "Everything starts from scratch.",
  source: "baseline of the others",
  options: { deviation },
  learns: false,
  copiesLayers: false,
  keepsFunction: () => keptUnless(["every weight starts from scratch"]),
  operator: (plan, { initialDeviation, options, random }) => ({
    ...emptyOperator(plan),
    fresh: freshEntries(random, options.deviation ?? initialDeviation),
  }),
});

function emptyOperator(plan: Plan): Operator {
  const zeros = (rows: number, columns: number): Matrix => ({
    rows,
    columns,
    data: new Float32Array(rows * columns),
  });
  return createOperator(
    plan,
    operatorForm("model"),
    { outsideStacks: true },
    {
      width: ({ newSize, oldSize }) => zeros(newSize, oldSize),
      depth: ({ rows, columns }) => zeros(rows, columns),
    },
  );
}
