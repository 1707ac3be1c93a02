import { depthMatrix, type DepthInitialName } from "./initials/depth.js";
import { oneHotRow } from "./initials/rows.js";
import { writesResidual } from "../layout/residual.js";
import type { OperatorTensorInfo } from "../operator/operator-tensors.js";
import type { Matrix } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";

/**
 * A start of all depth matrices: one of the published code's, which treat every parameter alike, or
 * - `zero-block`: each source layer is followed by its copies (as in `interlace`), and what a copy would write to the
 *   residual stream is zero. Where norms stand before the sublayers (`pre`) an added layer is then an identity and the
 *   function is kept exactly; where they stand after the sums (`post`) an added layer normalises once more, and it is not;
 * - `stack-top`: whole copies of the source on top of each other, and what is left over copies its uppermost layers
 *   (bert2BERT);
 * - `proportional`: target layer i copies source layer round(i L1 / L2) (Gopher);
 * - `kept`: the source's layers stay, and further ones are made of none.
 */
export type DepthStart = DepthInitialName | "zero-block" | "stack-top" | "proportional" | "kept";

/** The source layer that target layer `row` copies; `undefined` for none. */
type CopiedLayer = (row: number, rows: number, columns: number) => number | undefined;

const copiedLayers: Readonly<Record<"stack-top" | "proportional" | "kept", CopiedLayer>> = {
  "stack-top": (row, rows, columns) => {
    const whole = rows - (rows % columns);
    return row < whole ? row % columns : columns - (rows - row);
  },
  proportional: (row, rows, columns) => Math.min(columns - 1, Math.round((row * columns) / rows)),
  kept: (row, _rows, columns) => (row < columns ? row : undefined),
};

/** The start of one depth matrix [target layers, source layers]. */
export function depthStart(
  plan: Plan,
  start: DepthStart,
  { rows, columns, parameter: name }: OperatorTensorInfo,
  random: Random,
): Matrix {
  if (start === "zero-block") return zeroBlocks(plan, rows, columns, name, random);
  if (start === "stack-top" || start === "proportional" || start === "kept") {
    return copiedMatrix(rows, columns, copiedLayers[start]);
  }
  return depthMatrix(start, rows, columns, random);
}

function copiedMatrix(rows: number, columns: number, copied: CopiedLayer): Matrix {
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    data.set(oneHotRow(columns, copied(row, rows, columns) ?? -1), row * columns);
  }
  return { rows, columns, data };
}

function zeroBlocks(
  plan: Plan,
  rows: number,
  columns: number,
  name: string | undefined,
  random: Random,
): Matrix {
  const matrix = depthMatrix("interlace", rows, columns, random);
  const parameter = plan.target.parameters.find((candidate) => candidate.name === name);
  if (parameter === undefined || !writesResidual(plan.target, parameter)) return matrix;
  const source = (row: number): number => Math.floor((row * columns) / rows);
  for (let row = 1; row < rows; row++) {
    if (source(row) === source(row - 1)) matrix.data.fill(0, row * columns, (row + 1) * columns);
  }
  return matrix;
}
