import type { Matrix } from "@ligo/core";
import { BLOCK, mapName, type MatrixShape } from "@ligo/core/operator";
import type { RecordedGrowth } from "./recorded-growth.js";

/** How states of the small model become states of the grown one. */
export interface StateMap {
  /** [new, old]. */
  readonly matrix: Matrix;
  readonly from: "operator" | "identity";
  /** Grown channels that nothing in the grown model reads. */
  readonly unread: ReadonlySet<number>;
}

/** The map of states of a space: the operator's; the identity where the size stays and no operator is known. */
export function stateMap(
  { operator }: RecordedGrowth,
  space: string,
  { rows, columns }: MatrixShape,
): StateMap | undefined {
  if (operator === undefined) {
    if (rows !== columns) return undefined;
    return { matrix: identity(rows), from: "identity", unread: new Set() };
  }
  if (operator.terms > 1) return undefined;
  const name = operator.widthScope === "block" ? BLOCK : space;
  const matrix = operator.tensors.get(mapName(0, "width", name));
  if (matrix === undefined || matrix.rows !== rows || matrix.columns !== columns) return undefined;
  const read = operator.tensors.get(mapName(0, "read", name));
  return { matrix, from: "operator", unread: new Set(read === undefined ? [] : emptyRows(read)) };
}

function identity(size: number): Matrix {
  const data = new Float32Array(size * size);
  for (let index = 0; index < size; index++) data[index * (size + 1)] = 1;
  return { rows: size, columns: size, data };
}

function emptyRows({ columns, data, rows }: Matrix): readonly number[] {
  return Array.from({ length: rows }, (_, row) => row).filter((row) =>
    data.subarray(row * columns, (row + 1) * columns).every((value) => value === 0),
  );
}
