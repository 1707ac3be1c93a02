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
  /** Reads a map that will be asked for, where there is place beside those in use. */
  prepare(name: string): Promise<void>;
  /** From now on maps may be forgotten for others. */
  release(): void;
}

/** Numbers of a stored operator that are kept to be used again: the maps of a layer of a large model. */
const KEPT_NUMBERS = 2 ** 23;

export function operatorMaps(operator: Pick<Operator, "tensors"> | StoredOperator): OperatorMaps {
  const scratch = createScratch();
  /** Those used longest ago first. */
  const kept = new Map<string, WidthMap>();
  const loading = new Map<string, Promise<WidthMap | undefined>>();
  let loadingNumbers = 0;
  let inUse = new Set<string>();
  const stored = "read" in operator ? operator : undefined;
  /** Forgets what was used longest ago, until there is place for `size` numbers; whether there is. */
  const makePlace = (size: number): boolean => {
    let total = size + loadingNumbers;
    for (const { matrix } of kept.values()) total += matrix.data.length;
    for (const [name, { matrix }] of kept) {
      if (total <= KEPT_NUMBERS) break;
      if (inUse.has(name)) continue;
      kept.delete(name);
      scratch.give(matrix.data);
      total -= matrix.data.length;
    }
    return total <= KEPT_NUMBERS;
  };
  const find = async (name: string): Promise<Matrix | undefined> => {
    if (stored === undefined) return (operator as Pick<Operator, "tensors">).tensors.get(name);
    const shape = stored.tensors.get(name);
    if (shape === undefined) return undefined;
    const data = scratch.float32(shape.rows * shape.columns);
    loadingNumbers += data.length;
    try {
      await stored.read(name, data);
    } catch (error) {
      scratch.give(data);
      throw error;
    } finally {
      loadingNumbers -= data.length;
    }
    return { ...shape, data };
  };
  const load = async (name: string): Promise<WidthMap | undefined> => {
    const matrix = await find(name);
    if (matrix === undefined) return undefined;
    const map = { matrix, rows: classifyRows(matrix) };
    kept.set(name, map);
    return map;
  };
  const loadOnce = (name: string): Promise<WidthMap | undefined> => {
    const known = loading.get(name);
    if (known !== undefined) return known;
    const found = load(name).finally(() => loading.delete(name));
    loading.set(name, found);
    return found;
  };
  const place = (name: string): boolean => {
    const shape = stored?.tensors.get(name);
    return shape === undefined || makePlace(shape.rows * shape.columns);
  };
  return {
    async get(name) {
      inUse.add(name);
      const known = kept.get(name);
      if (known === undefined) {
        if (!loading.has(name)) place(name);
        return loadOnce(name);
      }
      kept.delete(name);
      kept.set(name, known);
      return known;
    },
    async prepare(name) {
      if (!kept.has(name) && !loading.has(name) && place(name)) await loadOnce(name);
    },
    release() {
      inUse = new Set();
    },
  };
}
