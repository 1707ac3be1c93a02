import type { MapRows, WidthMap } from "./map-rows.js";
import type { MatrixShape } from "./operator.js";

/** The rows of a map that hold a single nonzero entry: its column and its weight. */
export interface PickedRows extends MatrixShape {
  /** Old unit of every new one; -1 where a row is zero or mixes several. */
  readonly column: Int32Array;
  /** 0 where there is no such unit. */
  readonly weight: Float64Array;
}

/** Rows of a map that copy one old unit, scaled or not. */
export function pickedRows({ matrix, rows }: WidthMap): PickedRows {
  const picked = noRows(matrix);
  for (const { column, count, row } of rows.copied) {
    for (let index = 0; index < count; index++) {
      picked.column[row + index] = column + index;
      picked.weight[row + index] = 1;
    }
  }
  for (const { column, row, weight } of rows.scaled) {
    picked.column[row] = column;
    picked.weight[row] = weight;
  }
  return picked;
}

/** The map that leaves a space as it is. */
export function identityRows(size: number): PickedRows {
  const column = Int32Array.from({ length: size }, (_, row) => row);
  return { rows: size, columns: size, column, weight: new Float64Array(size).fill(1) };
}

/** The same rows with other weights. */
export function reweighted(
  picked: PickedRows,
  weightOf: (row: number, column: number, weight: number) => number,
): PickedRows {
  const weight = picked.weight.map((own, row) => {
    const column = picked.column[row] as number;
    return column < 0 ? 0 : weightOf(row, column, own);
  });
  return { ...picked, weight };
}

/** The weight of an entry; 0 where the row picks another unit, or none. */
export function weightAt({ column, weight }: PickedRows, row: number, unit: number): number {
  return column[row] === unit ? (weight[row] as number) : 0;
}

/** A map of picked rows, to be applied without any product. */
export function widthMapOf({ column, columns, rows, weight }: PickedRows): WidthMap {
  const copied: MapRows["copied"][number][] = [];
  const scaled: MapRows["scaled"][number][] = [];
  for (let row = 0; row < rows; row++) {
    const [unit, share] = [column[row] as number, Math.fround(weight[row] as number)];
    if (unit < 0 || share === 0) continue;
    const run = copied.at(-1);
    if (share !== 1) scaled.push({ row, column: unit, weight: share });
    else if (run !== undefined && run.row + run.count === row && run.column + run.count === unit)
      copied[copied.length - 1] = { ...run, count: run.count + 1 };
    else copied.push({ row, column: unit, count: 1 });
  }
  return {
    matrix: { rows, columns, data: new Float32Array(0) },
    rows: { copied, scaled, dense: [] },
  };
}

function noRows({ columns, rows }: MatrixShape): PickedRows {
  return {
    rows,
    columns,
    column: new Int32Array(rows).fill(-1),
    weight: new Float64Array(rows),
  };
}
