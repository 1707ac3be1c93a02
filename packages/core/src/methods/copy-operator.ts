import { operatorForm, type OperatorTensorInfo } from "../operator/operator-tensors.js";
import type { Matrix, Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { createOperator } from "./create-operator.js";
import { depthStart, type DepthStart } from "./depth-start.js";
import {
  functionPreservingRead,
  functionPreservingWidth,
  type FunctionPreservingOptions,
} from "./function-preserving.js";
import { cyclicPick, type UnitPick } from "../plan/unit-picks.js";

/** The choices of a method that only copies. */
export interface CopyOptions {
  /** Default {@link cyclicPick}. */
  readonly pick?: UnitPick;
  /** A start of the depth matrices, or the matrix of each. */
  readonly depth: DepthStart | ((info: OperatorTensorInfo) => Matrix);
  /** Whether what reads the copies of a unit divides by their number. Default true. */
  readonly divides?: boolean;
  /** How it does. Default: shares of 1, even ones. */
  readonly split?: NonNullable<FunctionPreservingOptions["split"]>;
}

/** Copies of units and layers, nothing learned: one map per space. */
export function copyOperator(
  plan: Plan,
  random: Random,
  { pick = cyclicPick, depth, divides = true, split = "even" }: CopyOptions,
): Operator {
  return createOperator(
    plan,
    operatorForm("model"),
    { separateRead: divides, carried: !divides },
    {
      width: (space) => functionPreservingWidth(space, random, { pick }),
      read: (space) => functionPreservingRead(space, random, { pick, split }),
      depth: (info) =>
        typeof depth === "function" ? depth(info) : depthStart(plan, depth, info, random),
    },
  );
}
