import { OperatorError } from "../errors/operator-error.js";
import type { Block } from "./blocks.js";
import { elementCount, formatShape } from "../shape.js";
import type { Expression } from "./expression.js";
import type { MatrixShape } from "./operator.js";

/** `operator/missing-tensor`: an operator lacks a tensor that another needs. */
export function missingTensor(name: string, needed: string): OperatorError {
  return new OperatorError(
    "operator/missing-tensor",
    `The operator holds no "${name}", which "${needed}" is grown with.`,
    { tensor: name, expected: name, actual: "absent" },
  );
}

/** `operator/wrong-shape`: a tensor of an operator does not fit the tensors it grows. */
export function wrongShape(
  name: string,
  rows: number | string,
  columns: number,
  matrix: MatrixShape,
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

/** `operator/kinds`: a tensor is mixed from other matrices than those that are given. */
export function needsKinds({ name }: Expression, { parameter }: Block): OperatorError {
  return new OperatorError(
    "operator/kinds",
    `"${name}" is mixed from matrices of other kinds ("${parameter}"), which are not among its own sources. ` +
      "Grow the whole model with applyOperator.",
    { tensor: name, expected: parameter, actual: "its own kind alone" },
  );
}

/** The numbers of source layer j. Throws `operator/source-size` where there are more or fewer than its shape says. */
export function checkSource(expression: Expression, j: number, data: Float32Array): Float32Array {
  const { sourceShape, sources } = expression;
  const expected = elementCount(sourceShape);
  if (data.length === expected) return data;
  const text = `${expected} (shape ${formatShape(sourceShape)})`;
  throw sourceSize(sources[j] ?? `source ${j}`, data.length, String(expected), text);
}

/** `operator/source-size`: a source tensor has another number of numbers than it should. */
export function sourceSize(
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
