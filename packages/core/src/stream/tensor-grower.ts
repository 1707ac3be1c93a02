import type { Expression } from "../operator/expression.js";
import type { GivenNumbers } from "../operator/given-numbers.js";
import { toStoredOrder } from "../operator/interleaving.js";
import { computeTensor } from "../operator/materialise.js";
import { multiply as plainMultiply, type Multiply } from "../operator/multiply.js";
import type { Operator } from "../operator/operator.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import { elementCount } from "../shape.js";
import type { OperatorMaps } from "./operator-maps.js";
import { readLayers, readMaps } from "./read-ahead.js";
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

/** What tensors are grown from. */
export interface TensorGrowerOptions extends ApplyOptions {
  readonly plan: Plan;
  readonly expressionOf: (tensor: PlannedTensor) => Expression;
  readonly maps: OperatorMaps;
  /** Reads the source's numbers, rows space by space. */
  readonly read: ReadSource;
  /** Entries that are drawn, for a whole tensor at once. */
  readonly drawn: Pick<Operator, "fresh" | "perturbation">;
  /** Changes the numbers of a tensor once its terms are summed, rows space by space. */
  readonly finish: (
    into: Float32Array,
    tensor: PlannedTensor,
    expression: Expression,
    numbers: GivenNumbers,
  ) => Promise<void>;
}

/** Prepares the growing of single tensors, of weights or of what belongs to them. */
export function createTensorGrower(options: TensorGrowerOptions): Grower {
  const { drawn, finish, maps, multiply = plainMultiply, plan, read, signal } = options;
  const { expressionOf, planned } = expressionsByName(options);
  const scratch = createScratch();
  const layers = createSourceLayers(read);
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
      await finish(into, tensor, expression, numbers);
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
    parts: (name, numbers) => rowRanges(expressionOf(planned(name)), drawn, numbers),
  };
}

/** The tensors of a plan by name, and their expressions, each made once. */
function expressionsByName({
  expressionOf,
  plan,
}: Pick<TensorGrowerOptions, "expressionOf" | "plan">): {
  readonly planned: (name: string) => PlannedTensor;
  readonly expressionOf: (tensor: PlannedTensor) => Expression;
} {
  const byName = new Map(plan.tensors.map((tensor) => [tensor.name, tensor]));
  const known = new Map<PlannedTensor, Expression>();
  return {
    planned(name) {
      const tensor = byName.get(name);
      if (tensor === undefined) throw new RangeError(`The plan has no tensor ${name}.`);
      return tensor;
    },
    expressionOf(tensor) {
      const expression = known.get(tensor) ?? expressionOf(tensor);
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
