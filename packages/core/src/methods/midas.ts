import type { LayerList } from "../plan/layer-list.js";
import { createRandom } from "../random.js";
import { copyOperator } from "./copy-operator.js";
import { copiedMatrix } from "./depth-start.js";
import { defineMethod, type Method } from "./method.js";
import { stack } from "./stack.js";

/**
 * The middle block repeated (MIDAS, Saunshi et al., 2024; the middle counted in layers, as LIDAS, Kapl et al., 2025): a block of
 * as many layers as are added, in the middle of the stack, follows itself. Both papers grow in several stages; this is one.
 * Widths are those of `stack`.
 */
export const midas: Method<object, "midas"> = defineMethod({
  ...stack,
  name: "midas",
  says: "The block of layers in the middle is repeated; units as in `stack`.",
  source: "MIDAS, Saunshi et al., 2024, arXiv:2409.19044; LIDAS, arXiv:2512.08819",
  copiesLayers: false,
  operator: (plan) =>
    // No start draws from it.
    copyOperator(plan, createRandom(0), {
      depth: ({ columns, rows }) => {
        const layers = middleRepeated(columns, rows);
        return copiedMatrix(rows, columns, (row) => layers[row]);
      },
    }),
});

/** The list with its middle block repeated until there are `now` layers; more than twice as many take a further round. */
function middleRepeated(old: number, now: number): LayerList {
  let layers = Array.from({ length: old }, (_, layer) => layer);
  while (layers.length < now) {
    const block = Math.min(now - layers.length, layers.length);
    const first = Math.floor((layers.length - block) / 2);
    layers = [...layers.slice(0, first + block), ...layers.slice(first)];
  }
  return layers;
}
