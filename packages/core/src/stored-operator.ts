import { classifyRows } from "./map-rows.js";
import type { WidthMap } from "./grow-axis.js";
import type { OperatorHeader } from "./operator-file.js";
import type { Matrix, Operator } from "./operator.js";
import { createScratch } from "./scratch.js";

/** An operator whose numbers are read when they are needed: it may be larger than memory. */
export interface StoredOperator extends OperatorHeader {
  /** Reads one of `tensors`, row-major, into an array that is as long as it has to be. Throws where it is not finite. */
  read(name: string, into: Float32Array): Promise<void>;
}

/** Maps of an operator as they are used: read, and their rows sorted, once as long as they are kept. */
export interface OperatorMaps {
  /** `undefined` where the operator holds no such tensor. Valid until {@link release}. */
  get(name: string): Promise<WidthMap | undefined>;
  /** From now on maps may be forgotten for others. */
  release(): void;
}

/** Numbers of a stored operator that are kept to be used again: the maps of a layer of a large model. */
const KEPT_NUMBERS = 2 ** 23;

export function operatorMaps(operator: Pick<Operator, "tensors"> | StoredOperator): OperatorMaps {
  const scratch = createScratch();
  const kept = new Map<string, WidthMap>();
  let inUse = new Set<string>();
  const numbers = "read" in operator ? operator : undefined;
  /** Forgets what was used longest ago, until there is place. */
  const makePlace = (size: number): void => {
    let total = [...kept.values()].reduce((sum, { matrix }) => sum + matrix.data.length, size);
    for (const [name, { matrix }] of kept) {
      if (total <= KEPT_NUMBERS) return;
      if (inUse.has(name)) continue;
      kept.delete(name);
      scratch.give(matrix.data);
      total -= matrix.data.length;
    }
  };
  const load = async (name: string): Promise<Matrix | undefined> => {
    if (numbers === undefined) return (operator as Pick<Operator, "tensors">).tensors.get(name);
    const shape = numbers.tensors.get(name);
    if (shape === undefined) return undefined;
    const { rows, columns } = shape;
    makePlace(rows * columns);
    const data = scratch.float32(rows * columns);
    await numbers.read(name, data);
    return { rows, columns, data };
  };
  return {
    async get(name) {
      const known = kept.get(name);
      kept.delete(name);
      const matrix = known?.matrix ?? (await load(name));
      if (matrix === undefined) return undefined;
      const map = known ?? { matrix, rows: classifyRows(matrix) };
      kept.set(name, map);
      inUse.add(name);
      return map;
    },
    release() {
      inUse = new Set();
    },
  };
}
