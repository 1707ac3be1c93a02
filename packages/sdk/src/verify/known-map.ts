import type { Matrix } from "@ligo/core";
import { stateMap, type MatrixShape, type StateMap } from "@ligo/core/operator";
import type { RecordedGrowth } from "./recorded-growth.js";

/** How states of the small model become states of the grown one. */
export interface KnownMap extends StateMap {
  readonly from: "operator" | "identity";
}

/** The map of states of a space: the operator's; the identity where the size stays and no operator is known. */
export function knownMap(
  { operator }: RecordedGrowth,
  space: string,
  { rows, columns }: MatrixShape,
): KnownMap | undefined {
  if (operator === undefined) {
    if (rows !== columns) return undefined;
    return { matrix: identity(rows), from: "identity", unread: new Set() };
  }
  const map = stateMap(operator, space);
  if (map?.matrix.rows !== rows || map.matrix.columns !== columns) return undefined;
  return { ...map, from: "operator" };
}

function identity(size: number): Matrix {
  const data = new Float32Array(size * size);
  for (let index = 0; index < size; index++) data[index * (size + 1)] = 1;
  return { rows: size, columns: size, data };
}
