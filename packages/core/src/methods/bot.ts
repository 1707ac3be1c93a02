import { operatorForm } from "../operator/operator-tensors.js";
import type { Matrix } from "../operator/operator.js";
import type { PlannedSpace } from "../plan/planned-spaces.js";
import { factorPairs } from "../plan/select-units.js";
import { deeperStacks, widened } from "./change-reasons.js";
import { createOperator } from "./create-operator.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";

/**
 * Inverse wavelet transform over layers, inputs and outputs with all high bands zero (BoT, Shen et al., 2026): weights as a signal
 * of higher resolution. One orthonormal Haar filter is depth matrix, writing and reading map: a level repeats every entry and
 * divides it by the square root of 2. Sizes that are no power of two times the old take the same projection of a piecewise
 * constant signal ({@link haarFilter}). Heads stay whole: the filter runs over heads, and over the channels of a head.
 */
export const bot: Method<object, "bot"> = defineMethod({
  name: "bot",
  says: "Layers and units are those of an inverse Haar transform whose high bands are zero.",
  source: "BoT, Shen et al., 2026, arXiv:2603.07506",
  options: {},
  learns: false,
  copiesLayers: false,
  keepsFunction: (plan) =>
    keptUnless([
      ...deeperStacks(plan, "all are scaled and repeated"),
      ...widened(plan).map(
        ({ name, newSize, oldSize }) =>
          `${name}: ${oldSize} becomes ${newSize}, and a filter scales what it repeats`,
      ),
      ...headChanges(plan),
    ]),
  operator: (plan) =>
    createOperator(
      plan,
      operatorForm("model"),
      { carried: true },
      {
        width: filterOf,
        depth: ({ columns, rows }) => haarFilter(columns, rows),
      },
    ),
});

function filterOf(space: PlannedSpace): Matrix {
  return factorPairs(space)
    .map(({ now, old }) => haarFilter(old.size, now.size))
    .reduce(kronecker);
}

/**
 * The projection [now, old] of a signal that is constant on `old` equal intervals onto those that are constant on `now`, in
 * orthonormal bases: the overlap of two intervals over the root of the product of their lengths. With now = 2^k old these are k
 * levels of the inverse Haar transform of the low band alone; with old = 2^k now, k levels of the transform.
 */
export function haarFilter(old: number, now: number): Matrix {
  const data = new Float32Array(now * old);
  for (let row = 0; row < now; row++) {
    // An old interval is `now` long here and a new one `old`, so that overlaps are whole numbers.
    const [start, end] = [row * old, (row + 1) * old];
    for (let column = Math.floor(start / now); column * now < end; column++) {
      const overlap = Math.min(end, (column + 1) * now) - Math.max(start, column * now);
      data[row * old + column] = overlap / Math.sqrt(now * old);
    }
  }
  return { rows: now, columns: old, data };
}

function kronecker(outer: Matrix, inner: Matrix): Matrix {
  const [rows, columns] = [outer.rows * inner.rows, outer.columns * inner.columns];
  const data = new Float32Array(rows * columns);
  for (const [place, weight] of outer.data.entries()) {
    if (weight === 0) continue;
    const row = Math.floor(place / outer.columns) * inner.rows;
    const column = (place % outer.columns) * inner.columns;
    for (const [index, value] of inner.data.entries()) {
      const at = (row + Math.floor(index / inner.columns)) * columns;
      data[at + column + (index % inner.columns)] = weight * value;
    }
  }
  return { rows, columns, data };
}
