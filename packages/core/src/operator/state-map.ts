import { BLOCK, mapName } from "./operator-tensors.js";
import type { Matrix, Operator } from "./operator.js";

/** The way in which states of the source, vectors of a space, become states of the grown model. */
export interface StateMap {
  /** [new, old]. */
  readonly matrix: Matrix;
  /** New units that nothing in the grown model reads: padding. */
  readonly unread: ReadonlySet<number>;
}

/** The map of the states of a space; `undefined` where an operator has none: it has several terms, or the space does not grow. */
export function stateMap(operator: Operator, space: string): StateMap | undefined {
  if (operator.terms > 1) return undefined;
  const name = operator.widthScope === "block" ? BLOCK : space;
  const matrix = operator.tensors.get(mapName(0, "width", name));
  if (matrix === undefined) return undefined;
  const read = operator.tensors.get(mapName(0, "read", name));
  return { matrix, unread: new Set(read === undefined ? [] : emptyRows(read)) };
}

function emptyRows({ columns, data, rows }: Matrix): readonly number[] {
  return Array.from({ length: rows }, (_, row) => row).filter((row) =>
    data.subarray(row * columns, (row + 1) * columns).every((value) => value === 0),
  );
}
