import type { Matrix } from "./operator.js";

/** Rows that follow each other in the new and in the old axis, with weight 1. */
export interface CopiedRows {
  readonly row: number;
  readonly column: number;
  readonly count: number;
}

/** A row with a single nonzero entry that is not 1. */
export interface ScaledRow {
  readonly row: number;
  readonly column: number;
  readonly weight: number;
}

/** Rows with several nonzero entries that follow each other. */
export interface DenseRows {
  readonly row: number;
  readonly count: number;
}

/** The rows of a map, told apart by how much work they are; those that are not listed are zero. */
export interface MapRows {
  readonly copied: readonly CopiedRows[];
  readonly scaled: readonly ScaledRow[];
  readonly dense: readonly DenseRows[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Sorts the rows of a map, which come in blocks from the first on. */
export interface RowSorter {
  readonly rows: MapRows;
  add(block: Matrix): void;
}

export function createRowSorter(): RowSorter {
  const copied: Mutable<CopiedRows>[] = [];
  const scaled: ScaledRow[] = [];
  const dense: Mutable<DenseRows>[] = [];
  let row = 0;
  const addRow = (data: Float32Array, start: number, columns: number): void => {
    const column = nextNonzero(data, start, start + columns) - start;
    if (column === columns) return;
    if (nextNonzero(data, start + column + 1, start + columns) < start + columns) {
      const run = dense.at(-1);
      if (run !== undefined && run.row + run.count === row) run.count += 1;
      else dense.push({ row, count: 1 });
      return;
    }
    const weight = data[start + column] as number;
    if (weight !== 1) {
      scaled.push({ row, column, weight });
      return;
    }
    const run = copied.at(-1);
    const follows =
      run !== undefined && run.row + run.count === row && run.column + run.count === column;
    if (follows) run.count += 1;
    else copied.push({ row, column, count: 1 });
  };
  return {
    rows: { copied, scaled, dense },
    add({ rows, columns, data }) {
      for (let index = 0; index < rows; index++, row++) addRow(data, index * columns, columns);
    },
  };
}

/** Sorts the rows of a map: copies and scaled copies need no product. */
export function classifyRows(map: Matrix): MapRows {
  const sorter = createRowSorter();
  sorter.add(map);
  return sorter.rows;
}

/** Index of the first nonzero number from `begin` on; `end` where there is none. */
function nextNonzero(data: Float32Array, begin: number, end: number): number {
  let index = begin;
  while (index < end && data[index] === 0) index++;
  return index;
}
