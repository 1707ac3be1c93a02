import type { Space } from "../layout/layout.js";
import { chooseHeads } from "../plan/choose-heads.js";
import { cyclicPick } from "../plan/unit-picks.js";
import type { Spread } from "./expression.js";
import { classifyRows, type WidthMap } from "./map-rows.js";

/**
 * The way in which the map of a space that carries another one follows from the other's. New query heads stand for old ones as
 * copies choose them, those of one group evenly; a head of values may be any mixture. `undefined`: it is the other's map.
 */
export function carriedSpread(before: Space, after: Space): Spread | undefined {
  const [old, now] = [before, after].map(({ factors = [] }) =>
    factors.find(({ owns }) => owns !== undefined),
  );
  const [oldGroup, newGroup] = [old?.owns ?? 1, now?.owns ?? 1];
  if (old === undefined || now === undefined || (oldGroup === 1 && newGroup === 1))
    return undefined;
  const { members, owners } = chooseHeads(old, now, cyclicPick);
  const [rows, columns] = [now.size * newGroup, old.size * oldGroup];
  const data = new Float32Array(rows * columns);
  for (let owner = 0; owner < now.size; owner++) {
    const heads = members.slice(owner * newGroup, (owner + 1) * newGroup);
    const merged = owners[owner] ?? [];
    for (let head = 0; head < columns; head++) {
      const stands = (one: readonly number[]): boolean =>
        merged.length > 1
          ? one.includes(head)
          : one.some((other) => other % oldGroup === head % oldGroup);
      const standing = heads.flatMap((chosen, index) => (stands(chosen) ? [index] : []));
      for (const index of standing)
        data[(owner * newGroup + index) * columns + head] = merged.length / standing.length;
    }
  }
  return { weights: { rows, columns, data }, oldOwners: old.size, newOwners: now.size };
}

/** A map spread over heads. */
export function spreadMap(map: WidthMap, { weights, oldOwners, newOwners }: Spread): WidthMap {
  const from = wholeRows(map);
  const [newSize, oldSize] = [map.matrix.rows / newOwners, map.matrix.columns / oldOwners];
  const [newGroup, oldGroup] = [weights.rows / newOwners, weights.columns / oldOwners];
  const [rows, columns] = [weights.rows * newSize, weights.columns * oldSize];
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const head = Math.floor(row / newSize);
    const fromRow = Math.floor(head / newGroup) * newSize + (row % newSize);
    for (let old = 0; old < weights.columns; old++) {
      const weight = weights.data[head * weights.columns + old] ?? 0;
      if (weight === 0) continue;
      const start = fromRow * map.matrix.columns + Math.floor(old / oldGroup) * oldSize;
      for (let unit = 0; unit < oldSize; unit++)
        data[row * columns + old * oldSize + unit] = weight * (from[start + unit] ?? 0);
    }
  }
  const matrix = { rows, columns, data };
  return { matrix, rows: classifyRows(matrix) };
}

/** All numbers of a map: of rows that are copies, only the places are there. */
function wholeRows({ matrix, rows }: WidthMap): Float32Array {
  const { columns } = matrix;
  const data = new Float32Array(matrix.data.length);
  for (const { column, count, row } of rows.copied)
    for (let index = 0; index < count; index++) data[(row + index) * columns + column + index] = 1;
  for (const { column, row, weight } of rows.scaled) data[row * columns + column] = weight;
  for (const { count, row } of rows.dense)
    data.set(matrix.data.subarray(row * columns, (row + count) * columns), row * columns);
  return data;
}
