import { elementCount } from "../shape.js";
import { depthWeights } from "./depth-weights.js";
import type { Expression, ExpressionTerm } from "./expression.js";
import type { Given, GivenNumbers, Memory, OperatorNumbers } from "./given-numbers.js";
import { growAxes, termSegments } from "./grow-axes.js";
import { classifyRows } from "./map-rows.js";
import { mixKinds } from "./mix-kinds.js";
import { mixLayers } from "./mix-layers.js";
import { multiply as plainMultiply, type Multiply } from "./multiply.js";
import { checkSource, missingTensor, needsKinds, wrongShape } from "./operator-errors.js";
import { weightedSum, type WeightedPart } from "./weighted-sum.js";

/**
 * Computes one target tensor, P'_i = sum_r sum_j w_r[i,j] (M_1 x_1 M_2 x_2 ... P_j), of sources as its maps know them: rows space
 * by space, no offset.
 *
 * @param sources the source tensors in the order of `expression.sources`; one that `neededSources` does not list may be
 *   `undefined`
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
  const numbers = numbersInMemory(expression, operator, sources);
  await computeTensor(expression, { numbers, multiply, memory: newMemory }, into);
  return into;
}

const newMemory: Memory = {
  float32: (size) => new Float32Array(size),
  float64: (size) => new Float64Array(size),
};

function numbersInMemory(
  expression: Expression,
  { tensors }: OperatorNumbers,
  sources: readonly (Float32Array | undefined)[],
): GivenNumbers {
  const source = async (j: number): Promise<Float32Array> =>
    checkSource(expression, j, sources[j] ?? new Float32Array(0));
  return {
    async map(name) {
      const matrix = tensors.get(name);
      return matrix && { matrix, rows: classifyRows(matrix) };
    },
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
    widened: (_term, _j, widen) => widen(),
  };
}

/** The tensor of an expression. Its numbers are put into `into`, row-major, whatever is there. */
export async function computeTensor(
  expression: Expression,
  given: Given,
  into: Float32Array,
): Promise<void> {
  const { factor = 1, offset = 0 } = expression;
  await sumTerms(expression, given, into);
  if (factor === 1 && offset === 0) return;
  const ones = given.memory.float32(into.length).fill(0);
  if (offset !== 0) await sumTerms(expression, { ...given, numbers: withOnes(given) }, ones);
  for (let index = 0; index < into.length; index++) {
    // in this order copies stay what they are, to the bit
    const lacking = factor * (ones[index] as number) - 1;
    into[index] = factor * (into[index] as number) + offset * lacking;
  }
}

/** The same numbers, but for source tensors of ones. */
function withOnes({ numbers }: Given): GivenNumbers {
  return {
    ...numbers,
    async source(_j, into) {
      return into.fill(1);
    },
    async sourcePart(_j, into) {
      return into.fill(1);
    },
    async sourceLayers() {
      return undefined;
    },
    widened: (_term, _j, widen) => widen(),
  };
}

/** The sum over the terms of an expression. */
async function sumTerms(expression: Expression, given: Given, into: Float32Array): Promise<void> {
  if (expression.terms.length === 1) return computeTerm(expression, 0, given, into);
  const buffer = given.memory.float32(into.length);
  const parts = expression.terms.map<WeightedPart>((_, index) => ({
    weight: 1,
    async data() {
      await computeTerm(expression, index, given, buffer);
      return buffer;
    },
  }));
  await weightedSum(parts, into, buffer, given.memory);
}

/** One term, with its weights and source layers. */
interface Term {
  readonly index: number;
  readonly term: ExpressionTerm;
  /** The row w_r[i, :]. */
  readonly weights: readonly number[];
  /** P_j, in `into` or elsewhere. */
  readonly source: (j: number, into: Float32Array) => Promise<Float32Array>;
  /** Memory for one source layer. */
  readonly buffer: Float32Array;
  /** M_1 x_1 M_2 x_2 ... T with the maps of source layer j. */
  readonly widen: (data: Float32Array, j: number, to: Float32Array) => Promise<void>;
}

async function computeTerm(
  expression: Expression,
  index: number,
  given: Given,
  into: Float32Array,
): Promise<void> {
  const { memory, numbers } = given;
  const term = expression.terms[index] as ExpressionTerm;
  const shape = expression.sourceShape;
  const one: Term = {
    index,
    term,
    source: await sourceOf(expression, term, numbers),
    weights: await depthWeights(expression, term.depth, numbers),
    buffer: memory.float32(elementCount(shape)),
    async widen(data, j, to) {
      await growAxes({ shape, data }, await termSegments(expression, term, j, numbers), given, to);
    },
  };
  const isPerSource = term.axes.some((axis) => axis?.some(({ map }) => Array.isArray(map)));
  // With the same maps for every source layer both orders are equal; mixing the small weights first is cheaper.
  return isPerSource ? widthThenDepth(one, given, into) : depthThenWidth(one, given, into);
}

/** M_1 x_1 M_2 x_2 ... (sum_j w[i,j] P_j). */
async function depthThenWidth(
  { buffer, source, term, weights, widen }: Term,
  given: Given,
  into: Float32Array,
): Promise<void> {
  const used = weighted(weights);
  const [only] = used;
  if (used.length === 1 && only?.weight === 1) return widen(await source(only.j, buffer), 0, into);
  const grows = term.axes.some((axis) => axis !== undefined);
  const mixed = grows ? given.memory.float32(buffer.length) : into;
  if (term.kinds === undefined) {
    await mixLayers(weights, given, mixed);
  } else {
    const parts = used.map(({ weight, j }) => ({ weight, data: () => source(j, buffer) }));
    await weightedSum(parts, mixed, buffer, given.memory);
  }
  return grows ? widen(mixed, 0, into) : undefined;
}

/** sum_j w[i,j] (M_1 x_1 M_2 x_2 ... P_j). */
async function widthThenDepth(
  { buffer, index, source, weights, widen }: Term,
  { memory, numbers }: Given,
  into: Float32Array,
): Promise<void> {
  const widened = (j: number): Promise<Float32Array> =>
    numbers.widened(index, j, async () => {
      const data = new Float32Array(into.length);
      await widen(await source(j, buffer), j, data);
      return data;
    });
  const parts = weighted(weights).map(({ weight, j }) => ({ weight, data: () => widened(j) }));
  await weightedSum(parts, into, buffer, memory);
}

/** The source layers with a weight. */
function weighted(
  weights: readonly number[],
): readonly { readonly weight: number; readonly j: number }[] {
  return weights.flatMap((weight, j) => (weight === 0 ? [] : [{ weight, j }]));
}

/** The source layers as a term takes them: of the tensor's own kind, or mixed from all matrices of the layer. */
async function sourceOf(
  { name, sourceShape }: Expression,
  { kinds }: ExpressionTerm,
  numbers: GivenNumbers,
): Promise<Term["source"]> {
  if (kinds === undefined) return (j, into) => numbers.source(j, into);
  const matrix = (await numbers.map(kinds.tensor, "whole"))?.matrix;
  if (matrix === undefined) throw missingTensor(kinds.tensor, name);
  const count = kinds.blocks.length;
  if (matrix.rows !== count || matrix.columns !== count)
    throw wrongShape(kinds.tensor, count, count, matrix);
  return async (j) =>
    mixKinds(kinds, matrix, sourceShape, async (block, size) => numbers.matrixOf(block, j, size));
}
