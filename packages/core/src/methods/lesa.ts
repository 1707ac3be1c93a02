import type { Matrix } from "../operator/operator.js";
import { createRandom } from "../random.js";
import { deeperStacks, tiedReadouts, unevenCopies } from "./change-reasons.js";
import { copyOperator } from "./copy-operator.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { layerProducts } from "./layer-products.js";
import { defineMethod, type Method } from "./method.js";

/**
 * Layers predicted from their neighbours (LESA, Yang et al., 2025), in linear form. The paper trains a network that predicts the
 * coordinates of a layer, in the singular vectors of all layers side by side, from those of the layers before and after it. Here a
 * layer is a W(before) + b W(after) with two numbers for each parameter, of the least squares over the source's layers and
 * their neighbours. As in the released code a layer between two that are neighbours is predicted from these, and added layers
 * lie in the uppermost gaps. Widths are those of `stack`.
 */
export const lesa: Method<object, "lesa"> = defineMethod({
  name: "lesa",
  says: "Layers predicted from their neighbours, by least squares, lie between the uppermost ones.",
  source: "LESA, Yang et al., 2025, arXiv:2502.13794, linear form",
  options: {},
  learns: false,
  copiesLayers: false,
  keepsFunction: (plan) =>
    keptUnless([
      ...deeperStacks(plan, "added ones are predicted from their neighbours"),
      ...unevenCopies(plan),
      ...tiedReadouts(plan),
      ...headChanges(plan),
    ]),
  measure: (plan, read) => layerProducts(plan, read, 2),
  operator: (plan, { measured }) =>
    // No start draws from it.
    copyOperator(plan, createRandom(0), {
      depth: ({ columns, parameter = "", rows }) =>
        insertedLayers(rows, columns, neighbourWeights(measured.get(parameter))),
    }),
});

/** The weights of the layers before and after. */
type NeighbourWeights = readonly [before: number, after: number];

/** Share of the trace that is added to the normal equations: equal neighbours share their weight. */
const RIDGE = 1e-7;

/**
 * The least squares of W_i = a W_(i-1) + b W_(i+1) over all inner layers, from the products of layers [layers, layers]. The mean of
 * both where there is nothing to fit: fewer than three layers, or none but zeros.
 */
function neighbourWeights(products: Matrix | undefined): NeighbourWeights {
  const layers = products?.rows ?? 0;
  const product = (i: number, j: number): number => products?.data[i * layers + j] ?? 0;
  const sum = (of: (middle: number) => number): number => {
    let total = 0;
    for (let middle = 1; middle + 1 < layers; middle++) total += of(middle);
    return total;
  };
  const before = sum((i) => product(i - 1, i - 1));
  const after = sum((i) => product(i + 1, i + 1));
  const both = sum((i) => product(i - 1, i + 1));
  const trace = before + after;
  if (trace === 0) return [1 / 2, 1 / 2];
  const [p, q] = [before + RIDGE * trace, after + RIDGE * trace];
  const [u, v] = [sum((i) => product(i - 1, i)), sum((i) => product(i, i + 1))];
  const determinant = p * q - both * both;
  return [(q * u - both * v) / determinant, (p * v - both * u) / determinant];
}

/** Adds layers between the uppermost neighbours, one in each gap and as often as needed, until there are enough. */
function insertedLayers(rows: number, columns: number, [a, b]: NeighbourWeights): Matrix {
  let layers = Array.from({ length: columns }, (_, layer) =>
    Array.from({ length: columns }, (__, column) => Number(column === layer)),
  );
  const between = (before: readonly number[], after: readonly number[]): number[] =>
    before.map((weight, column) => a * weight + b * (after[column] ?? 0));
  while (layers.length < rows) {
    // The only layer there is has itself behind it.
    const gaps = Math.max(1, layers.length - 1);
    const first = gaps - Math.min(gaps, rows - layers.length);
    layers = layers.flatMap((layer, index) => {
      if (index < first || index >= gaps) return [layer];
      return [layer, between(layer, layers[index + 1] ?? layer)];
    });
  }
  return { rows, columns, data: Float32Array.from(layers.flat()) };
}
