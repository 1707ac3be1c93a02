import type { RowGrowth, RowStart } from "@ligo/core/stream";

/** The rows of a table before and after. */
export interface RowFacts {
  /** Name of the space: `vocab`, `position`. */
  readonly space: string;
  readonly of: "tokens" | "positions" | "patches";
  readonly from: number;
  readonly to: number;
  /** How new rows start. */
  readonly start: RowStart;
  /** Rows that are none of the source's. */
  readonly added: number;
}

/** What is told of rows that grow. */
export function rowFacts({ now, old, places, space, start }: RowGrowth): RowFacts {
  return {
    space,
    of: now.rows.of,
    from: old.size,
    to: now.size,
    start,
    added: places === undefined ? now.size - old.size : places.filter((place) => place < 0).length,
  };
}
