import type { Matrix } from "../operator/operator.js";
import { createRandom } from "../random.js";
import { deeperStacks, tiedReadouts, unevenCopies } from "./change-reasons.js";
import { copyOperator } from "./copy-operator.js";
import { copiedMatrix } from "./depth-start.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";

/**
 * Linear expansion of two layers (TLEG, Xia et al., 2024): layer l of L, from 0, is A + (l/L) B. The paper trains A and B, by
 * distillation; here each parameter's are those of the least squares of the source's layers, so that the depth matrix is fixed:
 * w = X2 (X1^T X1)^-1 X1^T with rows [1, l/L]. A stack that keeps its number of layers keeps them. Widths are those of `stack`.
 */
export const tleg: Method<object, "tleg"> = defineMethod({
  name: "tleg",
  says: "Layer l is A + (l/L) B, on the line nearest to the source's layers; units as in `stack`.",
  source: "TLEG, Xia et al., 2024, arXiv:2312.05614",
  options: {},
  learns: false,
  copiesLayers: false,
  keepsFunction: (plan) =>
    keptUnless([
      ...deeperStacks(plan, "all lie on one line fitted to the old ones"),
      ...unevenCopies(plan),
      ...tiedReadouts(plan),
      ...headChanges(plan),
    ]),
  operator: (plan) =>
    // No start draws from it.
    copyOperator(plan, createRandom(0), {
      depth: ({ columns, rows }) => linearDepth(rows, columns),
    }),
});

function linearDepth(rows: number, columns: number): Matrix {
  if (rows === columns) return copiedMatrix(rows, columns, (row) => row);
  const mean = (columns - 1) / columns / 2;
  const places = Array.from({ length: columns }, (_, layer) => layer / columns - mean);
  const spread = places.reduce((sum, place) => sum + place ** 2, 0);
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const slope = spread === 0 ? 0 : (row / rows - mean) / spread;
    for (const [layer, place] of places.entries())
      data[row * columns + layer] = 1 / columns + slope * place;
  }
  return { rows, columns, data };
}
