import type { LayerList } from "../plan/layer-list.js";
import { createRandom } from "../random.js";
import { copyOperator } from "./copy-operator.js";
import { copiedMatrix } from "./depth-start.js";
import { defineMethod, type Method } from "./method.js";
import { stack } from "./stack.js";

/**
 * Depth up-scaling (SOLAR, Kim et al., 2024): the first half of the target's layers are the source's first ones, the other half
 * its last ones, so that each of two copies lacks the layers next to the seam. Widths are those of `stack`.
 */
export const solar: Method<object, "solar"> = defineMethod({
  name: "solar",
  says: "The source's first layers, then its last ones, which overlap; units as in `stack`.",
  source: "SOLAR, Kim et al., 2024, arXiv:2312.15166",
  options: {},
  learns: false,
  copiesLayers: false,
  keepsFunction: (plan) => stack.keepsFunction(plan),
  operator: (plan) =>
    // No start draws from it.
    copyOperator(plan, createRandom(0), {
      depth: ({ columns, rows }) => {
        const layers = overlappedLayers(columns, rows);
        return copiedMatrix(rows, columns, (row) => layers[row]);
      },
    }),
});

/**
 * The list of SOLAR: of `now` <= 2 `old` layers the first ceil(now / 2) and the last floor(now / 2). Of more, as few runs of
 * neighbours as there must be, whose first layers are evenly spread.
 */
function overlappedLayers(old: number, now: number): LayerList {
  const runs = Math.max(2, Math.ceil(now / old));
  return Array.from({ length: runs }, (_, run) => {
    const length = Math.floor(now / runs) + (run < now % runs ? 1 : 0);
    const first = Math.round((run * (old - length)) / (runs - 1));
    return Array.from({ length }, (__, index) => first + index);
  }).flat();
}
