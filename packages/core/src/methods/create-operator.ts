import {
  operatorTensors,
  type OperatorTensorInfo,
  type OperatorTensorsOptions,
} from "../operator/operator-tensors.js";
import { presentDepth, sizeFactors } from "./parameter-facts.js";
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

const ONE: Matrix = { rows: 1, columns: 1, data: Float32Array.of(1) };

/**
 * An operator of the given form with every tensor filled. Factors that the model multiplies by and that depend on a size
 * (`multiplier`) are made up for, whatever the method; layers that lack a parameter leave their weight to the nearest that has it.
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
  const factors = sizeFactors(plan);
  const { outsideStacks = false } = options;
  const isAsked = (name: string): boolean =>
    typeof outsideStacks === "boolean" ? outsideStacks : outsideStacks.has(name);
  const names = plan.tensors.map(({ parameter }) => parameter.name);
  const coefficients = new Set(names.filter((name) => isAsked(name) || factors.has(name)));
  const depth = (info: OperatorTensorInfo, name: string): Matrix => {
    const { parameter = "", stack } = info;
    if (stack !== undefined)
      return presentDepth(plan, parameter, info, (whole) => fill.depth(whole, name));
    const factor = factors.get(parameter) ?? 1;
    const matrix = isAsked(parameter) ? fill.depth(info, name) : ONE;
    return factor === 1 ? matrix : { ...matrix, data: matrix.data.map((value) => factor * value) };
  };
  const all = operatorTensors(plan, form, { ...options, outsideStacks: coefficients });
  for (const [name, info] of all) {
    const space = spaces.get(info.space ?? "");
    if (info.kind === "kinds") tensors.set(name, (fill.kinds ?? fill.depth)(info, name));
    else if (info.kind === "depth" || space === undefined) tensors.set(name, depth(info, name));
    else tensors.set(name, (fill[info.kind] ?? fill.width)(space, info, name));
  }
  const { order, widthScope } = form;
  return { architecture: plan.architecture, order, widthScope, terms: options.terms ?? 1, tensors };
}
