import type { RowGrowth } from "../../plan/row-growth.js";
import { bicubicWeights, linearWeights, resampleGrid, resampleLine } from "./resample.js";

/**
 * A table of positions with the rows of the target. Rows before the first position stay with it.
 *
 * @param old all numbers of the table, [old rows, width]
 * @returns a new array, [new rows, width]
 */
export function positionRows(
  old: Float32Array,
  { now, old: before, start }: RowGrowth,
): Float32Array {
  const width = old.length / before.size;
  const [was, is] = [before.rows, now.rows];
  if (was.of === "tokens" || is.of === "tokens") throw new TypeError("Tokens have no positions.");
  const made = new Float32Array(now.size * width);
  for (let row = 0; row < is.first; row++) {
    const from = Math.max(0, row - is.first + was.first);
    made.set(old.subarray(from * width, (from + 1) * width), row * width);
  }
  const positions = old.subarray(was.first * width);
  const into = made.subarray(is.first * width);
  if (was.of === "patches" && is.of === "patches") {
    const [height, across] = [0, 1].map((side) =>
      bicubicWeights(was.grid[side] ?? 1, is.grid[side] ?? 1, is.antialias),
    );
    if (height && across) into.set(resampleGrid(positions, width, height, across));
  } else if (start === "interpolate") {
    const weights = linearWeights(positions.length / width, into.length / width);
    into.set(resampleLine(positions, width, weights));
  } else {
    for (let at = 0; at < into.length; at += positions.length)
      into.set(positions.subarray(0, into.length - at), at);
  }
  return made;
}
