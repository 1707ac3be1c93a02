import { hiddenMatrix, type MatrixParts } from "../layout/hidden-matrices.js";
import { expandLayout, isOwned } from "../layout/layout-names.js";
import type { Layout } from "../layout/layout.js";

/** Newton-Schulz iterations of an update by Muon. */
export const MUON_ITERATIONS = 5;

/**
 * Floating-point operations of the products by which Muon makes an update of a model's hidden matrices orthogonal, a
 * multiply-add counting as two: per iteration and m x n matrix, m at most n, 4 m^2 n + 2 m^3, whatever the batch.
 */
export function muonFlops(layout: Layout): number {
  return expandLayout(layout)
    .filter(({ parameter }) => isOwned(parameter))
    .reduce((sum, { parameter, shape }) => {
      const parts = hiddenMatrix(layout, parameter);
      return parts === undefined ? sum : sum + partsFlops(shape as [number, number], parts);
    }, 0);
}

function partsFlops(
  [rows, columns]: readonly [number, number],
  { axis, sizes }: MatrixParts,
): number {
  return sizes.reduce((sum, size) => {
    const [m, n] = axis === 0 ? [size, columns] : [rows, size];
    const [short, long] = [Math.min(m, n), Math.max(m, n)];
    return sum + MUON_ITERATIONS * (4 * short * short * long + 2 * short ** 3);
  }, 0);
}
