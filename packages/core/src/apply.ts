import { OperatorError } from "./errors/operator-error.js";
import { expressionFor, operatorNames } from "./expressions.js";
import type { Expression, ExpressionTerm } from "./expression.js";
import { fillFreshEntries } from "./fresh-entries.js";
import { growAxis, type Segment, type Tensor } from "./grow-axis.js";
import { checkForm } from "./operator-tensors.js";
import { multiply as plainMultiply, type Multiply } from "./multiply.js";
import type { Matrix, Operator } from "./operator.js";
import type { Plan, PlannedTensor } from "./plan.js";
import { elementCount, formatShape } from "./shape.js";

/** The numbers an expression refers to. */
export type OperatorNumbers = Pick<Operator, "tensors">;

export interface ApplyOptions {
  /** Matrix product; default plain TypeScript. */
  readonly multiply?: Multiply;
  /** Stops between tensors: the generator throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** One tensor of the grown model. */
export interface GrownTensor {
  readonly tensor: PlannedTensor;
  /** Row-major, of shape `tensor.shape`; never shares memory with what was read. */
  readonly data: Float32Array;
}

/** Gives the numbers of source layer j. */
type Source = (j: number) => Promise<Float32Array>;

/** Source tensors already grown in width, by term and source layer: layers of one parameter share them. */
type Widened = Map<string, Float32Array>;

/**
 * The source layers an expression needs: those with a nonzero depth weight in some term. Indices into
 * `expression.sources`, ascending.
 */
export function neededSources(
  expression: Expression,
  operator: OperatorNumbers,
): readonly number[] {
  const weights = expression.terms.map((term) => depthWeights(expression, term, operator));
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
 * Throws `operator/missing-tensor`, `operator/wrong-shape` or `operator/source-size`.
 */
export async function materialise(
  expression: Expression,
  operator: OperatorNumbers,
  sources: readonly (Float32Array | undefined)[],
  multiply: Multiply = plainMultiply,
): Promise<Float32Array> {
  const source = async (j: number): Promise<Float32Array> =>
    checkSource(expression, j, sources[j] ?? new Float32Array(0));
  const data = await sumTerms(expression, operator, source, multiply, undefined);
  return sources.includes(data) ? data.slice() : data;
}

/**
 * Grows a whole model, one target tensor at a time and in the order of the plan. Memory: the tensor, its products and
 * one source tensor; where width is grown before depth with maps per source layer, also the widened layers of one
 * parameter, which its target layers share. A source tensor is read only where its weight is not zero.
 *
 * @param read gives the numbers of a source tensor by canonical name, row-major
 *
 * Throws `operator/architecture` and what {@link materialise} throws.
 */
export async function* applyOperator(
  plan: Plan,
  operator: Operator,
  read: (canonicalName: string) => Promise<Float32Array>,
  options: ApplyOptions = {},
): AsyncGenerator<GrownTensor> {
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
  let parameter = "";
  let widened: Widened = new Map();
  for (const tensor of plan.tensors) {
    signal?.throwIfAborted();
    if (tensor.parameter.name !== parameter) {
      parameter = tensor.parameter.name;
      widened = new Map();
    }
    const expression = expressionFor(tensor, plan, names);
    const given = new Set<Float32Array>();
    const source = async (j: number): Promise<Float32Array> => {
      const data = checkSource(expression, j, await read(expression.sources[j] ?? ""));
      given.add(data);
      return data;
    };
    const grown = await sumTerms(expression, operator, source, multiply, widened);
    const shared = given.has(grown) || [...widened.values()].includes(grown);
    const data = shared ? grown.slice() : grown;
    if (operator.fresh !== undefined) {
      fillFreshEntries(data, tensor, expression, operator, operator.fresh);
    }
    yield { tensor, data };
  }
}

async function sumTerms(
  expression: Expression,
  operator: OperatorNumbers,
  source: Source,
  multiply: Multiply,
  widened: Widened | undefined,
): Promise<Float32Array> {
  const parts: WeightedPart[] = expression.terms.map((_, index) => ({
    weight: 1,
    data: async () => computeTerm(expression, index, operator, source, multiply, widened),
  }));
  return weightedSum(parts, elementCount(expression.shape));
}

async function computeTerm(
  expression: Expression,
  index: number,
  operator: OperatorNumbers,
  source: Source,
  multiply: Multiply,
  widened: Widened | undefined,
): Promise<Float32Array> {
  const term = expression.terms[index] as ExpressionTerm;
  const weights = depthWeights(expression, term, operator);
  const used = weights.flatMap((weight, j) => (weight === 0 ? [] : [{ weight, j }]));
  const widen = async (data: Float32Array, layer: number): Promise<Float32Array> => {
    const axes = term.axes.map((_, axis) => axisSegments(expression, term, axis, layer, operator));
    return growAxes({ shape: expression.sourceShape, data }, axes, multiply);
  };

  const isPerSource = term.axes.some((axis) => axis?.some(({ map }) => Array.isArray(map)));
  if (!isPerSource) {
    // With the same maps for every source layer both orders are equal; mixing the small weights first is cheaper.
    const parts = used.map(({ weight, j }) => ({ weight, data: async () => source(j) }));
    return widen(await weightedSum(parts, elementCount(expression.sourceShape)), 0);
  }
  const widenOnce = async (j: number): Promise<Float32Array> => {
    const key = `${index}.${j}`;
    const known = widened?.get(key);
    if (known !== undefined) return known;
    const data = await widen(await source(j), j);
    widened?.set(key, data);
    return data;
  };
  const parts = used.map(({ weight, j }) => ({ weight, data: async () => widenOnce(j) }));
  return weightedSum(parts, elementCount(expression.shape));
}

/** The depth row of a term: one weight per source. */
function depthWeights(
  expression: Expression,
  { depth }: ExpressionTerm,
  operator: OperatorNumbers,
): readonly number[] {
  if (depth === undefined) return [1];
  const matrix = operatorMatrix(operator, depth.tensor, expression.name);
  if (matrix.columns !== expression.sources.length || depth.row >= matrix.rows) {
    throw wrongShape(depth.tensor, `at least ${depth.row + 1}`, expression.sources.length, matrix);
  }
  const start = depth.row * matrix.columns;
  return Array.from(matrix.data.subarray(start, start + matrix.columns));
}

function axisSegments(
  expression: Expression,
  term: ExpressionTerm,
  axis: number,
  layer: number,
  operator: OperatorNumbers,
): readonly Segment[] | undefined {
  return term.axes[axis]?.map(({ oldSize, newSize, map }) => {
    const name = typeof map === "string" ? map : map?.[layer];
    if (name === undefined) return { oldSize, newSize, map: undefined };
    const matrix = operatorMatrix(operator, name, expression.name);
    if (matrix.rows !== newSize || matrix.columns !== oldSize) {
      throw wrongShape(name, newSize, oldSize, matrix);
    }
    return { oldSize, newSize, map: matrix };
  });
}

/** Grows the axes one after the other, the one that adds least first; of equals the last one, as the published code. */
async function growAxes(
  tensor: Tensor,
  axes: readonly (readonly Segment[] | undefined)[],
  multiply: Multiply,
): Promise<Float32Array> {
  const growth = (segments: readonly Segment[]): number =>
    segments.reduce((sum, { newSize }) => sum + newSize, 0) /
    segments.reduce((sum, { oldSize }) => sum + oldSize, 0);
  const order = axes
    .flatMap((segments, axis) => (segments === undefined ? [] : [{ axis, segments }]))
    .toSorted((a, b) => growth(a.segments) - growth(b.segments) || b.axis - a.axis);
  let grown = tensor;
  for (const { axis, segments } of order) grown = await growAxis(grown, axis, segments, multiply);
  return grown.data;
}

interface WeightedPart {
  readonly weight: number;
  readonly data: () => Promise<Float32Array>;
}

/** A weighted sum in float64, one part in memory at a time. A single part of weight 1 is returned as it is. */
async function weightedSum(parts: readonly WeightedPart[], size: number): Promise<Float32Array> {
  const [first] = parts;
  if (first === undefined) return new Float32Array(size);
  if (parts.length === 1) {
    const data = await first.data();
    return first.weight === 1 ? data : data.map((value) => first.weight * value);
  }
  const sum = new Float64Array(size);
  for (const part of parts) {
    const data = await part.data();
    const { weight } = part;
    for (let index = 0; index < size; index++) {
      (sum[index] as number) += weight * (data[index] as number);
    }
  }
  return Float32Array.from(sum);
}

function operatorMatrix(operator: OperatorNumbers, name: string, needed: string): Matrix {
  const matrix = operator.tensors.get(name);
  if (matrix !== undefined) return matrix;
  throw new OperatorError(
    "operator/missing-tensor",
    `The operator holds no "${name}", which "${needed}" is grown with.`,
    { tensor: name, expected: name, actual: "absent" },
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
  const expected = elementCount(expression.sourceShape);
  if (data.length === expected) return data;
  const name = expression.sources[j] ?? `source ${j}`;
  throw new OperatorError(
    "operator/source-size",
    `The source tensor "${name}" has ${data.length} numbers, expected ${expected} ` +
      `(shape ${formatShape(expression.sourceShape)}).`,
    { tensor: name, expected: String(expected), actual: String(data.length) },
  );
}
