import { OperatorError } from "../errors/operator-error.js";
import { expressionFor, operatorNames } from "../operator/expressions.js";
import { fillFreshEntries } from "../operator/fresh-entries.js";
import { createFreshPart, type FreshGrowth, type FreshPart } from "../operator/fresh-part.js";
import { finiteTest } from "../operator/not-finite.js";
import { checkForm } from "../operator/operator-tensors.js";
import type { Operator } from "../operator/operator.js";
import { absolute, createOwnNumbers, type ReadTensor } from "../operator/own-numbers.js";
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
  const read = readInterleaved(plan, stored);
  const readTensor: ReadTensor = (name, size) => read(name, new Float32Array(size), 0);
  const maps = operatorMaps(operator, options.multiply && finiteTest(options.multiply));
  const given = { shapes: operator.tensors, map: maps.get };
  const freshPart = freshPartOf({ plan, spaces, given }, operator, readTensor);
  const own = createOwnNumbers(readTensor);
  return createTensorGrower({
    ...options,
    plan,
    expressionOf: (tensor) => expressionFor(tensor, plan, names),
    maps,
    read,
    drawn: operator,
    async finish(into, tensor, expression, numbers) {
      if (freshPart !== undefined) await freshPart.addTo(into, tensor);
      else if (fresh !== undefined)
        await fillFreshEntries(into, tensor, expression, numbers, fresh);
      if (perturbation === undefined) return;
      const drawn = await absolute(perturbation, tensor, own);
      addPerturbation(into, tensor, expression, drawn, { plan, spaces });
    },
  });
}

/** What starts afresh by its places; `undefined` where the operator has nothing of the kind. */
function freshPartOf(
  growth: Omit<FreshGrowth, "fresh">,
  { fresh }: Operator | StoredOperator,
  read: ReadTensor,
): FreshPart | undefined {
  if (fresh?.places === undefined) return undefined;
  const { places } = fresh;
  return createFreshPart({ ...growth, fresh: { ...fresh, places } }, read);
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
