import { PlanError } from "../errors/plan-error.js";
import type { Layout, Rows, Space } from "../layout/layout.js";

/** A space whose rows the target has more of, or others. */
export interface RowChange {
  /** Name of the space: `vocab`, `position`. */
  readonly space: string;
  readonly old: RowSpace;
  readonly now: RowSpace;
}

/** A space that grows row by row. */
export type RowSpace = Space & { readonly rows: Rows };

/**
 * The way in which new rows start. Of tokens: `moments` are drawn about the mean of the old rows (Hewitt, 2021), `random` as a
 * model's first weights, `pieces` are the mean of the rows of other tokens. Of positions: `copy` begins again at the first one,
 * `interpolate` stretches the table over the new positions; patches are always interpolated.
 */
export type RowStart = "moments" | "random" | "pieces" | "copy" | "interpolate";

/** How the rows of a space are made of the source's, in its width. They are the same under every method, and never learned. */
export interface RowGrowth extends RowChange {
  readonly start: RowStart;
  /** Of tokens: the numbers that are drawn, and the standard deviation of `random` ones. */
  readonly drawn?: { readonly seed: number; readonly deviation: number };
  /** Of tokens: the old row of every new one, -1 for those that are new. Absent: the old ones stay, in front. */
  readonly places?: Int32Array;
  /** Of tokens: the old rows that a new one is the mean of; one that is not here has none, and starts at the `moments`. */
  readonly pieces?: ReadonlyMap<number, readonly number[]>;
}

/**
 * The spaces whose rows differ between source and target. Throws a {@link PlanError}: `plan/smaller-target` where there are fewer,
 * or fewer along a side of images.
 */
export function rowChanges(source: Layout, target: Layout): readonly RowChange[] {
  return Object.entries(target.spaces).flatMap(([space, now]): readonly RowChange[] => {
    const { [space]: old } = source.spaces;
    if (old === undefined || !isRowSpace(old) || !isRowSpace(now)) return [];
    const isSame = old.size === now.size && JSON.stringify(old.rows) === JSON.stringify(now.rows);
    if (isSame) return [];
    checkLarger(space, old, now);
    return [{ space, old, now }];
  });
}

/** The layout of the source as it is once its rows are those of the target: what the target is planned from. */
export function withRowsOf(source: Layout, changes: readonly RowChange[]): Layout {
  if (changes.length === 0) return source;
  const spaces = Object.fromEntries(changes.map(({ now, space }) => [space, now]));
  return { ...source, spaces: { ...source.spaces, ...spaces } };
}

/** The row of the source that a new row is; -1 for one that starts in another way, or stands for several. */
export function oldRow({ now, old, places, start }: RowGrowth, row: number): number {
  if (now.rows.of === "tokens" || old.rows.of === "tokens")
    return places === undefined ? (row < old.size ? row : -1) : (places[row] ?? -1);
  const from = row - now.rows.first + old.rows.first;
  if (row < now.rows.first) return Math.max(-1, from);
  return start === "copy" && from < old.size ? from : -1;
}

function isRowSpace(space: Space): space is RowSpace {
  return space.rows !== undefined;
}

/** Rows that new ones may not be fewer than: tokens, positions, or the sides of a grid. */
function extent({ rows, size }: RowSpace): readonly number[] {
  if (rows.of === "patches") return rows.grid;
  return [rows.of === "positions" ? size - rows.first : size];
}

function checkLarger(space: string, old: RowSpace, now: RowSpace): void {
  const [before, after] = [extent(old), extent(now)];
  if (before.length === after.length && before.every((size, axis) => size <= (after[axis] ?? 0)))
    return;
  const [expected, actual] = [before.join(" x "), after.join(" x ")];
  throw new PlanError(
    "plan/smaller-target",
    `Space "${space}" has ${expected} rows of ${old.rows.of} in the source and ${actual} in the target. ` +
      "Give the target at least as many, along each side of images.",
    { tensor: space, expected: `at least ${expected}`, actual },
  );
}
