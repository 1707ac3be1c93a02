import { OperatorError } from "../errors/operator-error.js";
import type { Block } from "../plan/blocks.js";
import { expressionFor, missingTensor, operatorNames } from "../operator/expressions.js";
import type { Expression, ExpressionTerm } from "../operator/expression.js";
import { fillFreshEntries } from "../operator/fresh-entries.js";
import {
  growAxis,
  growsInPlace,
  newSizeOf,
  type Segment,
  type Tensor,
} from "../operator/grow-axis.js";
import { fillLayer } from "../layout/layout-names.js";
import { countRows } from "../operator/map-rows.js";
import { mixKinds } from "../operator/mix-kinds.js";
import { checkForm } from "../operator/operator-tensors.js";
import { multiply as plainMultiply, type Multiply } from "../operator/multiply.js";
import { finiteTest } from "../operator/not-finite.js";
import type { Matrix, Operator } from "../operator/operator.js";
import { addPerturbation } from "../operator/perturbation.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import type { ReadSource } from "./read-source.js";
import { createScratch, lease, type Lease } from "./scratch.js";
import { elementCount, formatShape } from "../shape.js";
import { createSourceLayers } from "./source-layers.js";
import {
  operatorMaps,
  type OperatorMaps,
  type StoredOperator,
  type TensorUse,
} from "./operator-maps.js";
import { weightedSum, type WeightedPart } from "../operator/weighted-sum.js";

/** The numbers an expression refers to. */
export type OperatorNumbers = Pick<Operator, "tensors">;

export interface ApplyOptions {
  /** Matrix product; default plain TypeScript. */
  readonly multiply?: Multiply | undefined;
  /** Stops between tensors: the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Stretch of the first axis of a tensor. */
export interface RowRange {
  readonly begin: number;
  readonly end: number;
}

/** One tensor of the grown model. */
export interface GrownTensor {
  readonly tensor: PlannedTensor;
  /** Row-major, of shape `tensor.shape`; never shares memory with what was read. */
  readonly data: Float32Array;
}

/** Source tensors already grown in width, by term and source layer: layers of one parameter share them. */
type Widened = Map<string, Float32Array>;

/** What computing one tensor needs beside its expression. */
interface Work {
  readonly maps: OperatorMaps;
  readonly multiply: Multiply;
  readonly scratch: Lease;
  readonly widened: Widened;
  /** Numbers of source layer j, in `into` or elsewhere. */
  readonly source: (j: number, into: Float32Array) => Promise<Float32Array>;
  /** Numbers of source layer j from `start` on, as many as `into` is long, in `into` or elsewhere. */
  readonly sourcePart: (j: number, into: Float32Array, start: number) => Promise<Float32Array>;
  /** All source layers, one below the other, where there is place: those with a weight have their numbers, others are 0. */
  readonly sourceLayers: (weights: readonly number[]) => Promise<Matrix | undefined>;
  /** All numbers of the matrix that a block is of, in source layer j. */
  readonly matrixOf: (block: Block, j: number, numbers: number) => Promise<Float32Array>;
}

/**
 * The source layers an expression needs: those with a nonzero depth weight in some term. Indices into
 * `expression.sources`, ascending.
 */
export function neededSources(
  expression: Expression,
  operator: OperatorNumbers,
): readonly number[] {
  const weights = expression.terms.map(({ depth }) =>
    depth === undefined ? [1] : depthRow(expression, depth, operator.tensors.get(depth.tensor)),
  );
  return expression.sources
    .map((_, j) => j)
    .filter((j) => weights.some((row) => (row[j] ?? 0) !== 0));
}

/**
 * Computes one target tensor, P'_i = sum_r sum_j w_r[i,j] (M_1 x_1 M_2 x_2 ... P_j).
 *
 * @param sources the source tensors in the order of `expression.sources`; one that {@link neededSources} does not list
 *   may be `undefined`
 * @returns a new array, row-major, of `expression.shape`
 *
 * Throws `operator/missing-tensor`, `operator/wrong-shape`, `operator/source-size`, or `operator/kinds` where it is mixed
 * from other kinds too.
 */
export async function materialise(
  expression: Expression,
  operator: OperatorNumbers,
  sources: readonly (Float32Array | undefined)[],
  multiply: Multiply = plainMultiply,
): Promise<Float32Array> {
  const into = new Float32Array(elementCount(expression.shape));
  const source = async (j: number): Promise<Float32Array> =>
    checkSource(expression, j, sources[j] ?? new Float32Array(0));
  const work: Work = {
    maps: operatorMaps(operator),
    multiply,
    scratch: lease(createScratch()),
    widened: new Map(),
    source,
    async sourcePart(j, { length }, start) {
      return (await source(j)).subarray(start, start + length);
    },
    async sourceLayers() {
      return undefined;
    },
    async matrixOf(block) {
      throw needsKinds(expression, block);
    },
  };
  await sumTerms(expression, work, into);
  return into;
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
   * Throws what {@link materialise} throws, and the signal's reason.
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
  read: ReadSource,
  options: ApplyOptions = {},
): Grower {
  const { multiply = plainMultiply, signal } = options;
  checkForm(operator);
  if (operator.architecture !== plan.architecture) {
    throw new OperatorError(
      "operator/architecture",
      `This operator is for ${operator.architecture} models, the plan grows a ${plan.architecture} model.`,
      { expected: plan.architecture, actual: operator.architecture },
    );
  }
  const names = operatorNames(operator);
  const planned = new Map(plan.tensors.map((tensor) => [tensor.name, tensor]));
  const maps = operatorMaps(operator, options.multiply && finiteTest(options.multiply));
  const memory = createScratch();
  const layers = createSourceLayers(read);
  let readingLayers: Promise<void> | undefined;
  let parameter = "";
  let widened: Widened = new Map();

  const known = new Map<PlannedTensor, Expression>();
  const expressionOf = (tensor: PlannedTensor): Expression => {
    const found = known.get(tensor) ?? expressionFor(tensor, plan, names);
    known.set(tensor, found);
    return found;
  };
  const plannedTensor = (name: string): PlannedTensor => {
    const tensor = planned.get(name);
    if (tensor === undefined) throw new RangeError(`The plan has no tensor ${name}.`);
    return tensor;
  };

  async function compute(
    tensor: PlannedTensor,
    given?: Float32Array,
    rows?: RowRange,
    next?: PlannedTensor,
  ): Promise<Float32Array> {
    signal?.throwIfAborted();
    if (rows !== undefined || tensor.parameter.name !== parameter) {
      parameter = rows === undefined ? tensor.parameter.name : "";
      widened = new Map();
    }
    const whole = expressionOf(tensor);
    const expression = rows === undefined ? whole : ofRows(whole, rows);
    const start = (rows?.begin ?? 0) * elementCount(expression.sourceShape.slice(1));
    const size = elementCount(expression.shape);
    if (given !== undefined && given.length !== size)
      throw new RangeError(`${tensor.name} has ${size} numbers, the array for it ${given.length}.`);
    const into = given ?? new Float32Array(size);
    const scratch = lease(memory);
    const { sources } = expression;
    const isShared = isSharedBy(expression) && rows === undefined;
    const source: Work["source"] = async (j, buffer) => {
      const kept = isShared ? layers.layer(sources, j, buffer.length) : undefined;
      return checkSource(expression, j, await (kept ?? read(sources[j] ?? "", buffer, start)));
    };
    const sourcePart: Work["sourcePart"] = async (j, part, from) => {
      const name = sources[j] ?? "";
      const found = await read(name, part, start + from);
      if (found.length !== part.length) throw sourceSize(name, found.length, String(part.length));
      return found;
    };
    const sourceLayers: Work["sourceLayers"] = async (weights) =>
      isShared ? layers.matrix(sources, weights, elementCount(expression.sourceShape)) : undefined;
    const matrixOf: Work["matrixOf"] = async (block, j, numbers) => {
      const names = sources.map((_, layer) => fillLayer(block.parameter, layer));
      const name = names[j] ?? "";
      const kept = layers.layer(names, j, numbers);
      const data = await (kept ?? read(name, new Float32Array(numbers), 0));
      if (data.length !== numbers) throw sourceSize(name, data.length, String(numbers));
      return data;
    };
    const numbers = { source, sourcePart, sourceLayers, matrixOf };
    const work: Work = { maps, multiply, scratch, widened, ...numbers };
    try {
      // Once they are in use, what is read ahead cannot take their place.
      await readMaps(expression, (name, use) => maps.get(name, use));
      if (next !== undefined) {
        // A failure shows when that tensor is grown.
        readMaps(expressionOf(next), (name, use) => maps.prepare(name, use)).catch(() => undefined);
        readingLayers ??= readLayersAhead().catch(() => undefined);
      }
      await sumTerms(expression, work, into);
      if (operator.fresh !== undefined)
        await fillFreshEntries(into, tensor, expression, maps, operator.fresh);
      if (operator.perturbation !== undefined)
        addPerturbation(into, tensor, expression, operator.perturbation);
      return into;
    } finally {
      scratch.end();
      maps.release();
    }
  }

  /** Reads the source layers of all tensors in turn, as far as there is place. */
  async function readLayersAhead(): Promise<void> {
    for (const tensor of plan.tensors) {
      const expression = expressionOf(tensor);
      if (!isSharedBy(expression)) continue;
      const size = elementCount(expression.sourceShape);
      for (const { depth, kinds } of expression.terms) {
        if (kinds !== undefined) continue;
        const weights = await depthWeights(expression, depth, maps);
        for (const j of expression.sources.keys()) {
          signal?.throwIfAborted();
          if (weights[j] !== 0) await layers.layer(expression.sources, j, size);
        }
      }
    }
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    grow(name, into, rows, next) {
      const tensor = plannedTensor(name);
      const following = next === undefined ? undefined : plannedTensor(next);
      const found = last.then(() => compute(tensor, into, rows, following));
      last = found.catch(() => undefined);
      return found;
    },
    parts(name, numbers) {
      const { shape, terms } = expressionOf(plannedTensor(name));
      const [rows = 1, ...rest] = shape;
      const isGrown = shape.length === 0 || terms.some(({ axes }) => axes[0] !== undefined);
      // What is drawn is drawn for a whole tensor, and kinds are mixed by blocks of it.
      const isWhole =
        operator.fresh !== undefined ||
        operator.perturbation !== undefined ||
        terms.some(({ kinds }) => kinds !== undefined);
      const step =
        isGrown || isWhole ? rows : Math.max(1, Math.floor(numbers / elementCount(rest)));
      return Array.from({ length: Math.ceil(rows / step) }, (_, part) => ({
        begin: part * step,
        end: Math.min(rows, (part + 1) * step),
      }));
    },
  };
}

/** Has the maps of a tensor read; not those that serve one source layer each, as they are many. */
async function readMaps(
  { terms }: Expression,
  read: (name: string, use: TensorUse) => Promise<unknown>,
): Promise<void> {
  for (const { axes, depth } of terms) {
    if (depth !== undefined) await read(depth.tensor, "whole");
    for (const { map } of axes.flatMap((segments) => segments ?? []))
      if (typeof map === "string") await read(map, "axis");
  }
}

/** Whether a tensor is mixed from several source tensors, as others of its parameter are. */
function isSharedBy({ sources }: Pick<Expression, "sources">): boolean {
  return sources.length > 1;
}

/** Some rows of a tensor whose first axis stays as it is. */
function ofRows(expression: Expression, { begin, end }: RowRange): Expression {
  const { shape, sourceShape } = expression;
  const [rows] = shape;
  if (begin === 0 && end === rows) return expression;
  return {
    ...expression,
    shape: shape.with(0, end - begin),
    sourceShape: sourceShape.with(0, end - begin),
  };
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

async function sumTerms(expression: Expression, work: Work, into: Float32Array): Promise<void> {
  if (expression.terms.length === 1) return computeTerm(expression, 0, work, into);
  const buffer = work.scratch.float32(into.length);
  const parts = expression.terms.map<WeightedPart>((_, index) => ({
    weight: 1,
    async data() {
      await computeTerm(expression, index, work, buffer);
      return buffer;
    },
  }));
  await weightedSum(parts, into, buffer, work.scratch);
}

async function computeTerm(
  expression: Expression,
  index: number,
  work: Work,
  into: Float32Array,
): Promise<void> {
  const { scratch, widened } = work;
  const term = expression.terms[index] as ExpressionTerm;
  const source = await mixedSource(expression, term, work);
  const weights = await depthWeights(expression, term.depth, work.maps);
  const used = weights.flatMap((weight, j) => (weight === 0 ? [] : [{ weight, j }]));
  const { sourceShape } = expression;
  const buffer = scratch.float32(elementCount(sourceShape));
  const widen = async (data: Float32Array, layer: number, to: Float32Array): Promise<void> => {
    const axes: (readonly Segment[] | undefined)[] = [];
    for (const axis of term.axes.keys())
      axes.push(await axisSegments(expression, term, axis, layer, work.maps));
    await growAxes({ shape: sourceShape, data }, axes, work, to);
  };

  const isPerSource = term.axes.some((axis) => axis?.some(({ map }) => Array.isArray(map)));
  if (!isPerSource) {
    // With the same maps for every source layer both orders are equal; mixing the small weights first is cheaper.
    const [only] = used;
    if (used.length === 1 && only?.weight === 1)
      return widen(await source(only.j, buffer), 0, into);
    const grows = term.axes.some((axis) => axis !== undefined);
    const mixed = grows ? scratch.float32(buffer.length) : into;
    if (term.kinds === undefined) {
      await mixLayers(weights, work, mixed);
    } else {
      const parts = used.map(({ weight, j }) => ({ weight, data: () => source(j, buffer) }));
      await weightedSum(parts, mixed, buffer, scratch);
    }
    return grows ? widen(mixed, 0, into) : undefined;
  }
  const widenOnce = async (j: number): Promise<Float32Array> => {
    const key = `${index}.${j}`;
    const known = widened.get(key);
    if (known !== undefined) return known;
    const data = new Float32Array(into.length);
    await widen(await source(j, buffer), j, data);
    widened.set(key, data);
    return data;
  };
  const parts = used.map(({ weight, j }) => ({ weight, data: () => widenOnce(j) }));
  await weightedSum(parts, into, buffer, scratch);
}

/** Numbers of each source layer that are added together where not all layers have a place. */
const MIXED_NUMBERS = 2 ** 16;

/** Source layers added with their weights: the product [1, layers] x [layers, numbers]. */
async function mixLayers(
  weights: readonly number[],
  { multiply, scratch, sourceLayers, sourcePart }: Work,
  into: Float32Array,
): Promise<void> {
  const rows = weights.length;
  const row: Matrix = { rows: 1, columns: rows, data: Float32Array.from(weights) };
  const layers = await sourceLayers(weights);
  if (layers !== undefined) {
    await multiply(row, layers, { into });
    return;
  }
  const step = Math.min(into.length, MIXED_NUMBERS);
  const block = scratch.float32(rows * step);
  for (let start = 0; start < into.length; start += step) {
    const columns = Math.min(step, into.length - start);
    const data = block.subarray(0, rows * columns);
    const read = weights.map(async (weight, j) => {
      const part = data.subarray(j * columns, (j + 1) * columns);
      const found = weight === 0 ? part.fill(0) : await sourcePart(j, part, start);
      if (found !== part) part.set(found);
    });
    await Promise.all(read);
    await multiply(row, { rows, columns, data }, { into: into.subarray(start, start + columns) });
  }
}

/** The numbers of source layers as a term takes them: its own kind's, or mixed from those of all matrices of the layer. */
async function mixedSource(
  { name, sourceShape }: Expression,
  { kinds }: ExpressionTerm,
  { maps, matrixOf, source }: Work,
): Promise<Work["source"]> {
  if (kinds === undefined) return source;
  const matrix = (await maps.get(kinds.tensor, "whole"))?.matrix;
  if (matrix === undefined) throw missingTensor(kinds.tensor, name);
  const count = kinds.blocks.length;
  if (matrix.rows !== count || matrix.columns !== count)
    throw wrongShape(kinds.tensor, count, count, matrix);
  return async (j) =>
    mixKinds(kinds, matrix, sourceShape, async (block, numbers) => matrixOf(block, j, numbers));
}

/** The depth row of a term: one weight per source. */
async function depthWeights(
  expression: Expression,
  depth: ExpressionTerm["depth"],
  maps: OperatorMaps,
): Promise<readonly number[]> {
  if (depth === undefined) return [1];
  return depthRow(expression, depth, (await maps.get(depth.tensor, "whole"))?.matrix);
}

function depthRow(
  expression: Expression,
  { tensor, row }: NonNullable<ExpressionTerm["depth"]>,
  matrix: Matrix | undefined,
): readonly number[] {
  if (matrix === undefined) throw missingTensor(tensor, expression.name);
  const { rows, columns, data } = matrix;
  if (columns !== expression.sources.length || row >= rows) {
    throw wrongShape(tensor, `at least ${row + 1}`, expression.sources.length, matrix);
  }
  return Array.from(data.subarray(row * columns, (row + 1) * columns));
}

async function axisSegments(
  expression: Expression,
  term: ExpressionTerm,
  axis: number,
  layer: number,
  maps: OperatorMaps,
): Promise<readonly Segment[] | undefined> {
  const found = term.axes[axis];
  if (found === undefined) return undefined;
  const segments: Segment[] = [];
  for (const { oldSize, newSize, map: of } of found) {
    const name = typeof of === "string" ? of : of?.[layer];
    const map = name === undefined ? undefined : await maps.get(name, "axis");
    if (name !== undefined) {
      if (map === undefined) throw missingTensor(name, expression.name);
      const { rows, columns } = map.matrix;
      if (rows !== newSize || columns !== oldSize)
        throw wrongShape(name, newSize, oldSize, map.matrix);
    }
    segments.push({ oldSize, newSize, map });
  }
  return segments;
}

/**
 * Grows the axes one after the other, in the order that takes the fewest multiplications; of equals the last one first, as
 * the published code.
 */
async function growAxes(
  tensor: Tensor,
  axes: readonly (readonly Segment[] | undefined)[],
  { multiply, scratch }: Work,
  into: Float32Array,
): Promise<void> {
  const order = axes
    .flatMap((segments, axis) =>
      segments === undefined ? [] : [{ axis, segments, urgency: urgency(segments) }],
    )
    .toSorted((a, b) => (a.urgency === b.urgency ? b.axis - a.axis : b.urgency - a.urgency));
  const last = order.at(-1);
  const beforeLast = order.at(-2);
  const isInPlace = last !== undefined && growsInPlace(last.axis, last.segments);
  const place = (step: (typeof order)[number], size: number): Float32Array => {
    if (step === last) return into;
    // What the last growth would copy as it is goes to its place at once.
    return isInPlace && step === beforeLast ? into.subarray(0, size) : scratch.float32(size);
  };
  let grown = tensor;
  for (const step of order) {
    const { axis, segments } = step;
    const shape = grown.shape.with(axis, newSizeOf(segments));
    const target = place(step, elementCount(shape));
    grown = await growAxis(grown, axis, segments, { multiply, scratch, into: target });
  }
  if (order.length === 0) into.set(tensor.data);
}

/**
 * How early an axis is grown: multiplications that one vector along it takes, by what it adds. Of two axes with c and d
 * multiplications from m to M and from n to N, the first one first takes c n + M d in each plane, the other first d m + N c:
 * less where c / (M - m) is more than d / (N - n).
 */
function urgency(segments: readonly Segment[]): number {
  const multiplications = segments.reduce(
    (sum, { oldSize, map }) => sum + countRows(map?.rows.dense ?? []) * oldSize,
    0,
  );
  if (multiplications === 0) return 0;
  const added = segments.reduce((sum, { oldSize, newSize }) => sum + newSize - oldSize, 0);
  return added > 0 ? multiplications / added : Infinity;
}

function needsKinds({ name }: Expression, { parameter }: Block): OperatorError {
  return new OperatorError(
    "operator/kinds",
    `"${name}" is mixed from matrices of other kinds ("${parameter}"), which are not among its own sources. ` +
      "Grow the whole model with applyOperator.",
    { tensor: name, expected: parameter, actual: "its own kind alone" },
  );
}

function wrongShape(
  name: string,
  rows: number | string,
  columns: number,
  matrix: Matrix,
): OperatorError {
  const [expected, actual] = [
    formatShape([rows, columns]),
    formatShape([matrix.rows, matrix.columns]),
  ];
  return new OperatorError(
    "operator/wrong-shape",
    `The operator tensor "${name}" has shape ${actual}, expected ${expected}.`,
    { tensor: name, expected, actual },
  );
}

function checkSource(expression: Expression, j: number, data: Float32Array): Float32Array {
  const { sourceShape, sources } = expression;
  const expected = elementCount(sourceShape);
  if (data.length === expected) return data;
  const text = `${expected} (shape ${formatShape(sourceShape)})`;
  throw sourceSize(sources[j] ?? `source ${j}`, data.length, String(expected), text);
}

function sourceSize(
  name: string,
  actual: number,
  expected: string,
  text: string = expected,
): OperatorError {
  return new OperatorError(
    "operator/source-size",
    `The source tensor "${name}" has ${actual} numbers, expected ${text}.`,
    { tensor: name, expected, actual: String(actual) },
  );
}
