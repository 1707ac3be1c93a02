import type { DataError } from "./data-error.js";

/** Takes a row of data that cannot be read, which is then left out: `rows` of them, 1 unless told otherwise. */
export type BadRowHandler = (error: DataError, rows?: number) => void;

/** Hands a bad row to whoever leaves such rows out; throws it where nobody does. */
export function refuseRow(
  error: DataError,
  onBadRow: BadRowHandler | undefined,
  rows: number = 1,
): void {
  if (onBadRow === undefined) throw error;
  onBadRow(error, rows);
}

/** Rows that were left out: how many, and what was wrong with the first of them. */
export interface BadRows {
  readonly count: number;
  readonly first: readonly string[];
}

/** Bounds of what is kept of bad rows. */
const DESCRIBED_ROWS = 5;
const DESCRIBED_CHARACTERS = 200;

/** A handler that leaves bad rows out, and what it has left out so far. */
export function createBadRows(): {
  readonly onBadRow: (error: Error, rows?: number) => void;
  readonly badRows: () => BadRows;
} {
  let count = 0;
  const first: string[] = [];
  return {
    onBadRow({ message }, rows = 1) {
      count += rows;
      if (first.length < DESCRIBED_ROWS) first.push(message.slice(0, DESCRIBED_CHARACTERS));
    },
    badRows: () => ({ count, first }),
  };
}
