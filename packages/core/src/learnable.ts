import { operatorTensors, type OperatorTensorsOptions } from "./operator-tensors.js";
import type { OperatorForm } from "./operator.js";
import type { Plan } from "./plan.js";

/** Which rows of an operator tensor are learned: those from `frozenRows` on. */
export interface LearnableTensor {
  /** All rows, frozen ones included. */
  readonly rows: number;
  readonly columns: number;
  /** Rows at the top that stay as they are; equal to `rows` where nothing is learned. */
  readonly frozenRows: number;
}

export interface LearnableOptions extends OperatorTensorsOptions {
  /**
   * Whether width maps are [I; C] with the identity frozen. Default: as published, so true unless the form is
   * `source-layer` (the paper learns full matrices) or `separateRead` is set (copies and their divisors are learned).
   */
  readonly identityBlock?: boolean;
}

/** The learnable rows of every tensor of an operator, by name. Depth matrices are learned whole. */
export function learnableTensors(
  plan: Plan,
  form: OperatorForm,
  options: LearnableOptions = {},
): ReadonlyMap<string, LearnableTensor> {
  const separate = options.separateRead ?? false;
  const hasRead = typeof separate === "boolean" ? separate : separate.size > 0;
  const identityBlock = options.identityBlock ?? (form.widthScope !== "source-layer" && !hasRead);
  const learnable = new Map<string, LearnableTensor>();
  for (const [name, { rows, columns, kind }] of operatorTensors(plan, form, options)) {
    const frozenRows = identityBlock && kind !== "depth" ? columns : 0;
    learnable.set(name, { rows, columns, frozenRows });
  }
  return learnable;
}
