import type { Expression } from "../operator/expression.js";
import type { Operator } from "../operator/operator.js";
import { elementCount } from "../shape.js";

/** Stretch of the first axis of a tensor. */
export interface RowRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * Ranges of rows in which a tensor can be grown one after the other, each of at most `numbers` numbers or one row. Only a
 * tensor whose first axis stays as it is has several.
 */
export function rowRanges(
  { interleaved, shape, terms }: Expression,
  { fresh, perturbation }: Pick<Operator, "fresh" | "perturbation">,
  numbers: number,
): readonly RowRange[] {
  const [rows = 1, ...rest] = shape;
  const isGrown = shape.length === 0 || terms.some(({ axes }) => axes[0] !== undefined);
  // Numbers are drawn for a whole tensor, kinds are mixed by blocks of it, and interleaved rows change places.
  const isWhole =
    interleaved !== undefined ||
    fresh !== undefined ||
    perturbation !== undefined ||
    terms.some(({ kinds }) => kinds !== undefined);
  const step = isGrown || isWhole ? rows : Math.max(1, Math.floor(numbers / elementCount(rest)));
  return Array.from({ length: Math.ceil(rows / step) }, (_, part) => ({
    begin: part * step,
    end: Math.min(rows, (part + 1) * step),
  }));
}

/** Some rows of a tensor whose first axis stays as it is. */
export function ofRows(expression: Expression, { begin, end }: RowRange): Expression {
  const { shape, sourceShape } = expression;
  const [rows] = shape;
  if (begin === 0 && end === rows) return expression;
  return {
    ...expression,
    shape: shape.with(0, end - begin),
    sourceShape: sourceShape.with(0, end - begin),
  };
}
