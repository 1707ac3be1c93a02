import {
  classifyRows,
  createRowSorter,
  type MapRows,
  type WidthMap,
} from "../operator/map-rows.js";
import type { FiniteTest } from "../operator/not-finite.js";
import type { TensorUse } from "../operator/given-numbers.js";
import type { StoredOperator } from "../operator/stored-operator.js";
import type { Matrix, MatrixShape, Operator } from "../operator/operator.js";
import { createBoundedCache } from "./bounded-cache.js";
import { createScratch, lease, type Lease, type Scratch } from "./scratch.js";

/** Maps of an operator as they are used: read, and their rows sorted, once as long as they are kept. */
export interface OperatorMaps {
  /**
   * `undefined` where the operator holds no such tensor. Valid until {@link release}. Of the map of an axis only the dense
   * rows have their numbers in the matrix.
   */
  readonly get: (name: string, use: TensorUse) => Promise<WidthMap | undefined>;
  /** Reads a map that will be asked for, where there is place beside those in use. */
  readonly prepare: (name: string, use: TensorUse) => Promise<void>;
  /** From now on maps may be forgotten for others. */
  readonly release: () => void;
}

/** Numbers of a stored operator that are kept to be used again: the maps of a layer of a large model. */
const KEPT_NUMBERS = 2 ** 23;

/** Tensors of no more numbers are never forgotten, as the depth matrices: to read one anew costs more than its place. */
const SMALL_NUMBERS = 2 ** 10;

/**
 * Numbers of a stored map that are read, checked and sorted together, while they are in the last-level cache. Many, as reading
 * goes on by itself only to the end of a block while a product keeps the thread.
 */
const BLOCK_NUMBERS = 2 ** 20;

/** @param areFinite a quick test of numbers that are read */
export function operatorMaps(
  operator: Pick<Operator, "tensors"> | StoredOperator,
  areFinite?: FiniteTest,
): OperatorMaps {
  return "read" in operator ? storedMaps(operator, areFinite) : mapsInMemory(operator);
}

function mapsInMemory({ tensors }: Pick<Operator, "tensors">): OperatorMaps {
  const sorted = new Map<string, WidthMap>();
  const get = async (name: string): Promise<WidthMap | undefined> => {
    const matrix = tensors.get(name);
    if (matrix === undefined) return undefined;
    const map = sorted.get(name) ?? { matrix, rows: classifyRows(matrix) };
    sorted.set(name, map);
    return map;
  };
  return {
    get,
    async prepare(name) {
      await get(name);
    },
    release: () => undefined,
  };
}

/** A map that is kept. Its room is taken from the moment it begins to be read. */
interface KeptMap {
  readonly loading: Promise<WidthMap>;
  /** Absent until it is read. */
  map?: WidthMap;
}

function storedMaps(operator: StoredOperator, areFinite: FiniteTest | undefined): OperatorMaps {
  const scratch = createScratch();
  let inUse = new Set<string>();
  const kept = createBoundedCache<string, KeptMap>({
    limit: KEPT_NUMBERS,
    eviction: "least-recent",
    mayEvict: (name, { map }) =>
      map !== undefined && !inUse.has(name) && map.matrix.data.length > SMALL_NUMBERS,
    onEvict({ map }) {
      if (map !== undefined) scratch.give(map.matrix.data);
    },
  });
  /** Reads a map that {@link kept} has been asked to make room for. */
  const load = async (name: string, shape: MatrixShape, use: TensorUse): Promise<WidthMap> => {
    const place: KeptMap = {
      loading: readStored(operator, { name, shape, use }, scratch, areFinite),
    };
    kept.set(name, place, elementsOf(shape));
    try {
      place.map = await place.loading;
    } catch (error) {
      kept.delete(name);
      throw error;
    }
    // To have been read counts as use.
    kept.get(name);
    return place.map;
  };
  return {
    async get(name, use) {
      inUse.add(name);
      const shape = operator.tensors.get(name);
      if (shape === undefined) return undefined;
      const known = kept.get(name);
      if (known !== undefined) return known.map ?? known.loading;
      // What is needed is read also where those in use leave no room.
      kept.makeRoom(elementsOf(shape));
      return load(name, shape, use);
    },
    async prepare(name, use) {
      const shape = operator.tensors.get(name);
      if (shape === undefined || kept.has(name)) return;
      if (kept.makeRoom(elementsOf(shape))) await load(name, shape, use);
    },
    release() {
      inUse = new Set();
    },
  };
}

const elementsOf = ({ rows, columns }: MatrixShape): number => rows * columns;

/** A map to be read, and what for. */
interface MapRequest {
  readonly name: string;
  readonly shape: MatrixShape;
  readonly use: TensorUse;
}

async function readStored(
  operator: StoredOperator,
  { name, shape, use }: MapRequest,
  scratch: Scratch,
  areFinite: FiniteTest | undefined,
): Promise<WidthMap> {
  const matrix: Matrix = { ...shape, data: scratch.float32(elementsOf(shape)) };
  const memory = lease(scratch);
  const numbers: MapNumbers = {
    read: (into, start) => operator.read(name, into, start),
    async check(some, start) {
      if (!(await areFinite?.(some))) operator.check(name, some, start);
    },
  };
  try {
    return { matrix, rows: await readMap(numbers, use, matrix, memory) };
  } catch (error) {
    scratch.give(matrix.data);
    throw error;
  } finally {
    memory.end();
  }
}

/** Numbers of one map, as {@link StoredOperator} gives and checks them; after a quick test where there is one. */
interface MapNumbers {
  read(into: Float32Array, start: number): Promise<void>;
  check(numbers: Float32Array, start: number): Promise<void>;
}

/**
 * Reads a map and sorts its rows. A large one passes through two blocks of memory, one being read while the other is sorted,
 * and dense rows are put where they belong: memory of other rows is never touched, which makes it free.
 */
async function readMap(
  numbers: MapNumbers,
  use: TensorUse,
  map: Matrix,
  memory: Lease,
): Promise<MapRows> {
  const { rows, columns, data } = map;
  const step = Math.max(1, Math.floor(BLOCK_NUMBERS / columns));
  const sorter = createRowSorter();
  if (use === "whole" || rows <= step) {
    await numbers.read(data, 0);
    sorter.add(map);
    await checkRows(numbers, sorter.rows, map, 0);
    return sorter.rows;
  }
  const blocks = [memory.float32(step * columns), memory.float32(step * columns)] as const;
  const read = async (row: number): Promise<Matrix> => {
    const count = Math.min(step, rows - row);
    const block = (blocks[(row / step) % 2] as Float32Array).subarray(0, count * columns);
    await numbers.read(block, row * columns);
    return { rows: count, columns, data: block };
  };
  let next: Promise<Matrix> | undefined = read(0);
  for (let row = 0; next !== undefined; row += step) {
    const block: Matrix = await next;
    next = row + step < rows ? read(row + step) : undefined;
    // Awaited in the next turn; until then a failure must not count as unhandled.
    next?.catch(() => undefined);
    sorter.add(block);
    await checkRows(numbers, sorter.rows, block, row);
    for (const { begin, end } of denseRuns(sorter.rows, block, row))
      data.set(rowsOf(block, begin - row, end - row), begin * columns);
  }
  return sorter.rows;
}

/** Checks those rows of a block that starts at `first` that hold other numbers than 0 and 1. */
async function checkRows(
  numbers: MapNumbers,
  sorted: MapRows,
  block: Matrix,
  first: number,
): Promise<void> {
  const check = (begin: number, end: number): Promise<void> =>
    numbers.check(rowsOf(block, begin - first, end - first), begin * block.columns);
  for (const { begin, end } of denseRuns(sorted, block, first)) await check(begin, end);
  for (const { row, weight } of sorted.scaled)
    if (row >= first && !Number.isFinite(weight)) await check(row, row + 1);
}

/** The runs of dense rows, as far as they lie in a block that starts at `first` and is the last one sorted so far. */
function* denseRuns(
  { dense }: MapRows,
  { rows }: Matrix,
  first: number,
): Generator<{ readonly begin: number; readonly end: number }> {
  for (const run of dense.toReversed()) {
    const begin = Math.max(run.row, first);
    const end = Math.min(run.row + run.count, first + rows);
    if (end <= begin) return;
    yield { begin, end };
  }
}

function rowsOf({ columns, data }: Matrix, begin: number, end: number): Float32Array {
  return data.subarray(begin * columns, end * columns);
}
