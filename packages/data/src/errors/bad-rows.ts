import type { DataError } from "./data-error.js";

/** Takes a row of data that cannot be read, which is then left out. */
export type BadRowHandler = (error: DataError) => void;

/** Hands a bad row to whoever leaves such rows out; throws it where nobody does. */
export function refuseRow(error: DataError, onBadRow: BadRowHandler | undefined): void {
  if (onBadRow === undefined) throw error;
  onBadRow(error);
}
