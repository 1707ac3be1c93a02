import { OperatorError } from "../errors/operator-error.js";
import { expressionFor, operatorNames } from "../operator/expressions.js";
import type { Expression } from "../operator/expression.js";
import { fillFreshEntries } from "../operator/fresh-entries.js";
import { createFreshPart, type FreshPart } from "../operator/fresh-part.js";
import type { GivenNumbers } from "../operator/given-numbers.js";
import { toStoredOrder } from "../operator/interleaving.js";
import { computeTensor } from "../operator/materialise.js";
import { multiply as plainMultiply, type Multiply } from "../operator/multiply.js";
import { finiteTest } from "../operator/not-finite.js";
import { checkForm } from "../operator/operator-tensors.js";
import type { Operator } from "../operator/operator.js";
import { absolute, createOwnNumbers, type ReadTensor } from "../operator/own-numbers.js";
import { addPerturbation } from "../operator/perturbation.js";
import type { StoredOperator } from "../operator/stored-operator.js";
import { plannedSpaces } from "../plan/planned-spaces.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import { elementCount } from "../shape.js";
import { operatorMaps } from "./operator-maps.js";
import { readLayers, readMaps } from "./read-ahead.js";
import { readInterleaved } from "./read-interleaved.js";
import type { ReadSource } from "./read-source.js";
import { ofRows, rowRanges, type RowRange } from "./row-ranges.js";
import { createScratch, lease } from "./scratch.js";
import { createSourceLayers } from "./source-layers.js";
import { sourceNumbers } from "./tensor-numbers.js";

export interface ApplyOptions {
  /** Matrix product; default plain TypeScript. */
  readonly multiply?: Multiply | undefined;
  /** Stops between tensors: the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** One tensor of the grown model. */
export interface GrownTensor {
  readonly tensor: PlannedTensor;
  /** Row-major, of shape `tensor.shape`; never shares memory with what was read. */
  readonly data: Float32Array;
}

/** Makes tensors of a grown model one by one. */
export interface Grower {
  /**
   * Computes a tensor of the plan. Calls are done one after the other; tensors of one parameter that follow each other
   * share work where width is grown before depth.
   *
   * @param into where the numbers are put, row-major: as many as there are. Default a new array
   * @param rows one of the ranges of {@link parts}. Default all rows
   * @param next name of the tensor grown after it: what it needs is read meanwhile, as far as there is place
   *
   * Throws what `materialise` throws, and the signal's reason.
   */
  grow(name: string, into?: Float32Array, rows?: RowRange, next?: string): Promise<Float32Array>;
  /**
   * Ranges of rows in which a tensor can be grown one after the other, each of at most `numbers` numbers or one row. Only a
   * tensor whose first axis stays as it is has several.
   */
  parts(name: string, numbers: number): readonly RowRange[];
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
  const { multiply = plainMultiply, signal } = options;
  checkOperator(plan, operator);
  const { expressionOf, planned } = expressionsByName(plan, operator);
  const maps = operatorMaps(operator, options.multiply && finiteTest(options.multiply));
  const read = readInterleaved(plan, stored);
  const scratch = createScratch();
  const spaces = plannedSpaces(plan);
  const layers = createSourceLayers(read);
  const readTensor: ReadTensor = (name, size) => read(name, new Float32Array(size), 0);
  const freshPart = freshPartOf(plan, operator, spaces, readTensor);
  const own = createOwnNumbers(readTensor);
  const widenedLayers = createWidenedLayers();
  let readingLayers: Promise<void> | undefined;

  /** Reads maps of the next tensor, and source layers. A failure shows when a tensor is grown that needs them. */
  const readAhead = (next: PlannedTensor): void => {
    readMaps(expressionOf(next), maps.prepare).catch(() => undefined);
    const { tensors } = plan;
    readingLayers ??= readLayers({ tensors, expressionOf, layers, maps, signal }).catch(
      () => undefined,
    );
  };

  async function compute(
    tensor: PlannedTensor,
    given?: Float32Array,
    rows?: RowRange,
    next?: PlannedTensor,
  ): Promise<Float32Array> {
    signal?.throwIfAborted();
    const whole = expressionOf(tensor);
    const expression = rows === undefined ? whole : ofRows(whole, rows);
    const into = placeFor(expression, given);
    const memory = lease(scratch);
    const numbers: GivenNumbers = {
      ...sourceNumbers(expression, { firstRow: rows?.begin, layers, read }),
      map: maps.get,
      widened: widenedLayers(rows === undefined ? tensor.parameter.name : undefined),
    };
    try {
      // Once they are in use, what is read ahead cannot take their place.
      await readMaps(expression, maps.get);
      if (next !== undefined) readAhead(next);
      await computeTensor(expression, { numbers, multiply, memory }, into);
      if (freshPart !== undefined) await freshPart.addTo(into, tensor);
      else if (operator.fresh !== undefined)
        await fillFreshEntries(into, tensor, expression, numbers, operator.fresh);
      if (operator.perturbation !== undefined) {
        const drawn = await absolute(operator.perturbation, tensor, own);
        addPerturbation(into, tensor, expression, drawn, { plan, spaces });
      }
      if (expression.interleaved !== undefined)
        toStoredOrder(into, expression.interleaved.target, memory.float32(into.length));
      return into;
    } finally {
      memory.end();
      maps.release();
    }
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    grow(name, into, rows, next) {
      const tensor = planned(name);
      const following = next === undefined ? undefined : planned(next);
      const found = last.then(() => compute(tensor, into, rows, following));
      last = found.catch(() => undefined);
      return found;
    },
    parts: (name, numbers) => rowRanges(expressionOf(planned(name)), operator, numbers),
  };
}

/** What starts afresh by its places; `undefined` where the operator has nothing of the kind. */
function freshPartOf(
  plan: Plan,
  { fresh }: Operator | StoredOperator,
  spaces: ReturnType<typeof plannedSpaces>,
  read: ReadTensor,
): FreshPart | undefined {
  if (fresh?.places === undefined) return undefined;
  const { places } = fresh;
  return createFreshPart({ plan, spaces, fresh: { ...fresh, places } }, read);
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

/** The tensors of a plan by name, and their expressions, each made once. */
function expressionsByName(
  plan: Plan,
  operator: Operator | StoredOperator,
): {
  readonly planned: (name: string) => PlannedTensor;
  readonly expressionOf: (tensor: PlannedTensor) => Expression;
} {
  const names = operatorNames(operator);
  const byName = new Map(plan.tensors.map((tensor) => [tensor.name, tensor]));
  const known = new Map<PlannedTensor, Expression>();
  return {
    planned(name) {
      const tensor = byName.get(name);
      if (tensor === undefined) throw new RangeError(`The plan has no tensor ${name}.`);
      return tensor;
    },
    expressionOf(tensor) {
      const expression = known.get(tensor) ?? expressionFor(tensor, plan, names);
      known.set(tensor, expression);
      return expression;
    },
  };
}

/** The array for the numbers of a tensor: the one given, which must be as long, or a new one. */
function placeFor({ name, shape }: Expression, given: Float32Array | undefined): Float32Array {
  const size = elementCount(shape);
  if (given !== undefined && given.length !== size)
    throw new RangeError(`${name} has ${size} numbers, the array for it ${given.length}.`);
  return given ?? new Float32Array(size);
}

/** Source layers already grown in width: layers of one parameter that follow each other share them. */
function createWidenedLayers(): (parameter: string | undefined) => GivenNumbers["widened"] {
  let last: string | undefined;
  let known = new Map<string, Float32Array>();
  return (parameter) => {
    if (parameter === undefined || parameter !== last) known = new Map();
    last = parameter;
    const own = known;
    return async (term, j, widen) => {
      const key = `${term}.${j}`;
      const data = own.get(key) ?? (await widen());
      own.set(key, data);
      return data;
    };
  };
}
