import type { LayerList } from "../plan/layer-list.js";
import { createRandom } from "../random.js";
import { copyOperator } from "./copy-operator.js";
import { copiedMatrix } from "./depth-start.js";
import { defineMethod, type Method } from "./method.js";
import { BLOCK_LAYERS, blockLayers } from "./options.js";
import { stack } from "./stack.js";

/** Options of `midas`, as settings name them. */
export interface MidasSettings {
  readonly blockLayers?: number | undefined;
}

/**
 * The middle block repeated (MIDAS, Saunshi et al., 2024; the middle counted in layers, as LIDAS, Kapl et al., 2025): a block of
 * layers in the middle of the stack follows itself, as often as there are layers to add, the last time with what is left of it.
 * Both papers train between these stages; this is one growth. A block of all added layers gives the list of `solar`. Widths are
 * those of `stack`.
 */
export const midas: Method<MidasSettings, "midas"> = defineMethod({
  name: "midas",
  says: "A block of layers in the middle is repeated; units as in `stack`.",
  source: "MIDAS, Saunshi et al., 2024, arXiv:2409.19044; LIDAS, arXiv:2512.08819",
  options: { blockLayers },
  learns: false,
  copiesLayers: false,
  keepsFunction: (plan) => stack.keepsFunction(plan),
  operator: (plan, { options }) =>
    // No start draws from it.
    copyOperator(plan, createRandom(0), {
      depth: ({ columns, rows }) => {
        const layers = middleRepeated(columns, rows, options.blockLayers ?? BLOCK_LAYERS);
        return copiedMatrix(rows, columns, (row) => layers[row]);
      },
    }),
});

/** The list whose middle block, of at most so many layers, is repeated until there are `now` layers. */
function middleRepeated(old: number, now: number, most: number): LayerList {
  let layers = Array.from({ length: old }, (_, layer) => layer);
  while (layers.length < now) {
    const block = Math.min(most, now - layers.length, layers.length);
    const first = Math.floor((layers.length - block) / 2);
    layers = [...layers.slice(0, first + block), ...layers.slice(first)];
  }
  return layers;
}
