import {
  operatorTensors,
  type OperatorTensorInfo,
  type OperatorTensorsOptions,
} from "../operator/operator-tensors.js";
import { presentDepth } from "./present-depth.js";
import { blockSpace } from "../operator/blocks.js";
import type { Matrix, Operator, OperatorForm } from "../operator/operator.js";
import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";

/** Fills the tensors of an operator. */
export interface OperatorFill {
  readonly width: (space: PlannedSpace, info: OperatorTensorInfo, name: string) => Matrix;
  /** Only asked with `separateRead`. */
  readonly read?: (space: PlannedSpace, info: OperatorTensorInfo, name: string) => Matrix;
  /** Only asked with `separateElem`. */
  readonly elem?: (space: PlannedSpace, info: OperatorTensorInfo, name: string) => Matrix;
  /** Only asked in the form of `block`s. */
  readonly kinds?: (info: OperatorTensorInfo, name: string) => Matrix;
  /** Also asked for the coefficients of parameters outside stacks, with `outsideStacks`. */
  readonly depth: (info: OperatorTensorInfo, name: string) => Matrix;
}

/**
 * An operator of the given form with every tensor filled. Layers that lack a parameter leave their weight to the next that has
 * it.
 */
export function createOperator(
  plan: Plan,
  form: OperatorForm,
  options: OperatorTensorsOptions,
  fill: OperatorFill,
): Operator {
  const spaces =
    form.widthScope === "block"
      ? new Map([blockSpace(plan)].map((space) => [space.name, space]))
      : plannedSpaces(plan);
  const tensors = new Map<string, Matrix>();
  const depth = (info: OperatorTensorInfo, name: string): Matrix =>
    presentDepth(plan, info, (whole) => fill.depth(whole, name));
  for (const [name, info] of operatorTensors(plan, form, options)) {
    const space = spaces.get(info.space ?? "");
    if (info.kind === "kinds") tensors.set(name, (fill.kinds ?? fill.depth)(info, name));
    else if (info.kind === "depth" || space === undefined) tensors.set(name, depth(info, name));
    else tensors.set(name, (fill[info.kind] ?? fill.width)(space, info, name));
  }
  const { order, widthScope } = form;
  return { architecture: plan.architecture, order, widthScope, terms: options.terms ?? 1, tensors };
}
