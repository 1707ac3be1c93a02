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

/** A map and its rows. */
export interface WidthMap {
  readonly matrix: Matrix;
  readonly rows: MapRows;
}

/** Rows in all runs together. */
export function countRows(runs: readonly { readonly count: number }[]): number {
  return runs.reduce((sum, { count }) => sum + count, 0);
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
  const addRow = (numbers: Numbers, start: number, columns: number): void => {
    const { data } = numbers;
    const column = nextNonzero(numbers, start, start + columns) - start;
    if (column === columns) return;
    if (nextNonzero(numbers, start + column + 1, start + columns) < start + columns) {
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
      const numbers = inPairs(data);
      for (let index = 0; index < rows; index++, row++) addRow(numbers, index * columns, columns);
    },
  };
}

/** Sorts the rows of a map: copies and scaled copies need no product. */
export function classifyRows(map: Matrix): MapRows {
  const sorter = createRowSorter();
  sorter.add(map);
  return sorter.rows;
}

/** Float32 numbers, and the same memory as half as many float64: what is 0 there is two zeros, at half the cost. */
interface Numbers {
  readonly data: Float32Array;
  readonly pairs: Float64Array;
}

function inPairs(given: Float32Array): Numbers {
  const isAligned = given.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0;
  const data = isAligned ? given : given.slice();
  return { data, pairs: new Float64Array(data.buffer, data.byteOffset, data.length >> 1) };
}

/** Index of the first nonzero number from `begin` on; `end` where there is none. */
function nextNonzero({ data, pairs }: Numbers, begin: number, end: number): number {
  if (begin < end && begin % 2 === 1 && data[begin] !== 0) return begin;
  const endPair = end >> 1;
  let pair = nextNonzeroPair(pairs, (begin + 1) >> 1, endPair);
  for (; pair < endPair; pair = nextNonzeroPair(pairs, pair + 1, endPair)) {
    // A pair with -0 in it may look like any number.
    if (data[2 * pair] !== 0) return 2 * pair;
    if (data[2 * pair + 1] !== 0) return 2 * pair + 1;
  }
  return begin < end && end % 2 === 1 && data[end - 1] !== 0 ? end - 1 : end;
}

/** Index of the first pair from `begin` on that is not 0; `end` where there is none. */
function nextNonzeroPair(pairs: Float64Array, begin: number, end: number): number {
  let pair = begin;
  // Four in a turn take two thirds of the time of one in a turn.
  while (
    pair + 3 < end &&
    pairs[pair] === 0 &&
    pairs[pair + 1] === 0 &&
    pairs[pair + 2] === 0 &&
    pairs[pair + 3] === 0
  )
    pair += 4;
  while (pair < end && pairs[pair] === 0) pair += 1;
  return pair;
}
