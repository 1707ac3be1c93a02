import { axisSpaces, spaceOf } from "../layout/layout-names.js";
import type { Layout, Parameter } from "../layout/layout.js";

/**
 * The order in which the first axis of a parameter is stored where its spaces interleave: block by block (head by head), and in
 * each block so many rows of every space. Maps know the spaces behind each other.
 */
export interface Interleaving {
  readonly blocks: number;
  /** Rows of a block by space. */
  readonly sizes: readonly number[];
}

/** The interleaving of a parameter's first axis; `undefined` where it is stored space by space. */
export function interleavingOf(layout: Layout, { axes }: Parameter): Interleaving | undefined {
  const [axis] = axes;
  if (axis?.interleavedBy === undefined) return undefined;
  const spaces = axisSpaces(axis).map((name) => spaceOf(layout, name));
  const blocks = spaces[0]?.factors?.find(({ name }) => name === axis.interleavedBy)?.size ?? 1;
  return { blocks, sizes: spaces.map(({ size }) => size / blocks) };
}

/** A stretch of rows that lie together in both orders: `stored` and `own` (space by space) are the first. */
export interface RowRun {
  readonly stored: number;
  readonly own: number;
  readonly count: number;
}

/** The runs of rows, in the order space by space. */
export function interleavedRuns({ blocks, sizes }: Interleaving): readonly RowRun[] {
  const block = sizes.reduce((sum, size) => sum + size, 0);
  const runs: RowRun[] = [];
  let before = 0;
  for (const count of sizes) {
    for (let index = 0; index < blocks; index++)
      runs.push({
        stored: index * block + before,
        own: blocks * before + index * count,
        count,
      });
    before += count;
  }
  return runs;
}

/** Brings rows that stand space by space into the order in which they are stored. Writes into `data`. */
export function toStoredOrder(
  data: Float32Array,
  interleaving: Interleaving,
  copy: Float32Array,
): void {
  const runs = interleavedRuns(interleaving);
  const rows = runs.reduce((sum, { count }) => sum + count, 0);
  const width = data.length / rows;
  copy.set(data);
  for (const { count, own, stored } of runs)
    data.set(copy.subarray(own * width, (own + count) * width), stored * width);
}
