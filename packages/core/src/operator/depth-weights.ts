import type { Expression, ExpressionTerm } from "./expression.js";
import type { GivenNumbers, OperatorNumbers } from "./given-numbers.js";
import { missingTensor, wrongShape } from "./operator-errors.js";
import type { Matrix } from "./operator.js";

/** The depth row w[i, :] of a term: one weight per source layer. */
export async function depthWeights(
  expression: Expression,
  depth: ExpressionTerm["depth"],
  numbers: Pick<GivenNumbers, "map">,
): Promise<readonly number[]> {
  if (depth === undefined) return [1];
  return depthRow(expression, depth, (await numbers.map(depth.tensor, "whole"))?.matrix);
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
