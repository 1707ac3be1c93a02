import { OperatorError } from "../errors/operator-error.js";
import { expressionFor, operatorNames } from "../operator/expressions.js";
import { fillFreshEntries } from "../operator/fresh-entries.js";
import { finiteTest } from "../operator/not-finite.js";
import { checkForm } from "../operator/operator-tensors.js";
import type { Operator } from "../operator/operator.js";
import { addPerturbation } from "../operator/perturbation.js";
import type { StoredOperator } from "../operator/stored-operator.js";
import { plannedSpaces } from "../plan/planned-spaces.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import { operatorMaps } from "./operator-maps.js";
import { readInterleaved } from "./read-interleaved.js";
import type { ReadSource } from "./read-source.js";
import { createTensorGrower, type ApplyOptions, type Grower } from "./tensor-grower.js";

/** One tensor of the grown model. */
export interface GrownTensor {
  readonly tensor: PlannedTensor;
  /** Row-major, of shape `tensor.shape`; never shares memory with what was read. */
  readonly data: Float32Array;
}

/**
 * Prepares the growing of single tensors, in any order. Memory is used again from one to the next and is that of one
 * tensor: its products, a source tensor, a sum; at most 256 MiB of source layers and 32 MiB of maps of a stored
 * operator, so that they are read once; and where width is grown before depth with maps per source layer, the widened
 * layers of one parameter. A source tensor is read only where its weight is not zero.
 *
 * Throws `operator/architecture` and `operator/form`.
 */
export function createGrower(
  plan: Plan,
  operator: Operator | StoredOperator,
  stored: ReadSource,
  options: ApplyOptions = {},
): Grower {
  checkOperator(plan, operator);
  const { fresh, perturbation } = operator;
  const names = operatorNames(operator);
  const spaces = plannedSpaces(plan);
  return createTensorGrower({
    ...options,
    plan,
    expressionOf: (tensor) => expressionFor(tensor, plan, names),
    maps: operatorMaps(operator, options.multiply && finiteTest(options.multiply)),
    read: readInterleaved(plan, stored),
    drawn: operator,
    async finish(into, tensor, expression, numbers) {
      if (fresh !== undefined) await fillFreshEntries(into, tensor, expression, numbers, fresh);
      if (perturbation !== undefined)
        addPerturbation(into, tensor, expression, perturbation, { plan, spaces });
    },
  });
}

/** Grows a whole model, one target tensor at a time and in the order of the plan; see {@link createGrower}. */
export async function* applyOperator(
  plan: Plan,
  operator: Operator | StoredOperator,
  read: ReadSource,
  options: ApplyOptions = {},
): AsyncGenerator<GrownTensor> {
  const grower = createGrower(plan, operator, read, options);
  for (const tensor of plan.tensors) yield { tensor, data: await grower.grow(tensor.name) };
}

function checkOperator(plan: Plan, operator: Operator | StoredOperator): void {
  checkForm(operator);
  if (operator.architecture === plan.architecture) return;
  throw new OperatorError(
    "operator/architecture",
    `This operator is for ${operator.architecture} models, the plan grows a ${plan.architecture} model.`,
    { expected: plan.architecture, actual: operator.architecture },
  );
}
