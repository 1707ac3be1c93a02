import { countRows, type MapRows, type WidthMap } from "./map-rows.js";
import type { Multiply } from "./multiply.js";
import type { Matrix } from "./operator.js";
import type { Memory } from "./given-numbers.js";
import { elementCount } from "../shape.js";

/** A dense array in row-major order. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** One stretch of an axis and its map [newSize, oldSize]; without a map it is copied. */
export interface Segment {
  readonly oldSize: number;
  readonly newSize: number;
  readonly map: WidthMap | undefined;
}

export interface GrowAxisOptions {
  readonly multiply: Multiply;
  /** Memory for what is not the result. */
  readonly memory: Pick<Memory, "float32">;
  /** Place for the result, whatever is there. The tensor may lie at its start where {@link growsInPlace} says so. */
  readonly into: Float32Array;
}

/** Place of a segment in the old and the new tensor, both seen as [outer, axis, inner]. */
interface Place {
  readonly outer: number;
  readonly inner: number;
  readonly oldAxis: number;
  readonly newAxis: number;
  readonly oldStart: number;
  readonly newStart: number;
}

/**
 * The mode product M x_axis T: every vector along `axis` is multiplied by the map, segment by segment. Rows of the map
 * with a single nonzero entry are scaled copies (bit for bit where it is 1); only the others go through `multiply`.
 */
export async function growAxis(
  tensor: Tensor,
  axis: number,
  segments: readonly Segment[],
  options: GrowAxisOptions,
): Promise<Tensor> {
  const outer = elementCount(tensor.shape.slice(0, axis));
  const inner = elementCount(tensor.shape.slice(axis + 1));
  const oldAxis = tensor.shape[axis] ?? 0;
  const newAxis = newSizeOf(segments);
  const { into } = options;
  const isWhole = segments.every(({ map }) => map === undefined || coversAll(map));
  if (!isWhole) into.fill(0);

  let oldStart = 0;
  let newStart = 0;
  for (const { oldSize, newSize, map } of segments) {
    const place: Place = { outer, inner, oldAxis, newAxis, oldStart, newStart };
    if (map === undefined) {
      copyRun(tensor.data, into, place, { row: 0, column: 0, count: oldSize });
    } else {
      for (const run of map.rows.copied) copyRun(tensor.data, into, place, run);
      scaleRows(tensor.data, into, place, map.rows);
      await multiplyRows(tensor.data, place, map, options);
    }
    oldStart += oldSize;
    newStart += newSize;
  }
  return { shape: tensor.shape.with(axis, newAxis), data: into };
}

/** The size of an axis made of segments. */
export function newSizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { newSize }) => sum + newSize, 0);
}

/** Whether no row of a map is zero. */
function coversAll({ matrix, rows: { copied, scaled, dense } }: WidthMap): boolean {
  return countRows(copied) + scaled.length + countRows(dense) === matrix.rows;
}

/**
 * Whether growing the first axis leaves all old rows where they are, above the new ones: then the old tensor may lie at the
 * start of the new one's memory.
 */
export function growsInPlace(axis: number, segments: readonly Segment[]): boolean {
  const [only] = segments;
  if (axis !== 0 || segments.length !== 1 || only?.map === undefined) return false;
  const [first] = only.map.rows.copied;
  const keepsAll = first?.row === 0 && first.column === 0 && first.count === only.oldSize;
  return keepsAll && coversAll(only.map);
}

/** Stretches shorter than this are copied number by number: making a view costs more. */
const SHORT = 32;

function copyRun(
  from: Float32Array,
  to: Float32Array,
  { outer, inner, oldAxis, newAxis, oldStart, newStart }: Place,
  { row, column, count }: MapRows["copied"][number],
): void {
  const length = count * inner;
  for (let o = 0; o < outer; o++) {
    const start = (o * oldAxis + oldStart + column) * inner;
    const target = (o * newAxis + newStart + row) * inner;
    if (isSame(from, start, to, target)) continue;
    if (length < SHORT) {
      for (let i = 0; i < length; i++) to[target + i] = from[start + i] as number;
    } else {
      to.set(from.subarray(start, start + length), target);
    }
  }
}

/** Whether numbers lie where they are to be put; see {@link growsInPlace}. */
function isSame(from: Float32Array, start: number, to: Float32Array, target: number): boolean {
  return from.buffer === to.buffer && from.byteOffset + 4 * start === to.byteOffset + 4 * target;
}

function scaleRows(
  from: Float32Array,
  to: Float32Array,
  { outer, inner, oldAxis, newAxis, oldStart, newStart }: Place,
  { scaled }: MapRows,
): void {
  for (let o = 0; o < outer; o++) {
    for (const { row, column, weight } of scaled) {
      const start = (o * oldAxis + oldStart + column) * inner;
      const target = (o * newAxis + newStart + row) * inner;
      for (let i = 0; i < inner; i++) to[target + i] = weight * (from[start + i] as number);
    }
  }
}

/** Rows of a product that are formed together and put in their places while they are in the cache. */
const ROW_BLOCK = 1024;

async function multiplyRows(
  from: Float32Array,
  place: Place,
  map: WidthMap,
  { multiply, memory, into }: GrowAxisOptions,
): Promise<void> {
  const { dense } = map.rows;
  if (dense.length === 0) return;
  const { outer, inner, oldAxis, newAxis, oldStart, newStart } = place;
  const rows = denseRows(map, memory);
  const [first] = dense;
  const isOneRun = first?.count === rows.rows;
  if (inner === 1) {
    // The axis is the last one: X [outer, old] times the transpose of the rows [dense, old].
    const block = Math.min(outer, ROW_BLOCK);
    const products = memory.float32(block * rows.rows);
    const { data: x } = lastAxis(from, place, rows.columns, memory);
    for (let o = 0; o < outer; o += block) {
      const count = Math.min(block, outer - o);
      const data = x.subarray(o * rows.columns, (o + count) * rows.columns);
      const product = products.subarray(0, count * rows.rows);
      const part = { rows: count, columns: rows.columns, data };
      await multiply(part, rows, { transposeB: true, into: product });
      const target = into.subarray(o * newAxis, (o + count) * newAxis);
      copyDense(
        product,
        target,
        { ...place, outer: count, oldAxis: rows.rows, oldStart: 0 },
        dense,
      );
    }
    return;
  }
  const product = isOneRun ? into : memory.float32(rows.rows * inner);
  for (let o = 0; o < outer; o++) {
    const start = (o * oldAxis + oldStart) * inner;
    const data = from.subarray(start, start + rows.columns * inner);
    const target = o * newAxis + newStart;
    const targetStart = isOneRun ? (target + first.row) * inner : 0;
    await multiply(
      rows,
      { rows: rows.columns, columns: inner, data },
      { into: product.subarray(targetStart, targetStart + rows.rows * inner) },
    );
    if (isOneRun) continue;
    const one = { outer: 1, inner, oldAxis: rows.rows, newAxis, oldStart: 0, newStart: target };
    copyDense(product, into, one, dense);
  }
}

/** The dense rows of a map, one below the other; a view where they follow each other. */
function denseRows(
  { matrix, rows: { dense } }: WidthMap,
  memory: GrowAxisOptions["memory"],
): Matrix {
  const { columns } = matrix;
  const runs = dense.map(({ row, count }) =>
    matrix.data.subarray(row * columns, (row + count) * columns),
  );
  const rows = countRows(dense);
  const [first] = runs;
  if (first !== undefined && runs.length === 1) return { rows, columns, data: first };
  const data = memory.float32(rows * columns);
  let at = 0;
  for (const run of runs) {
    data.set(run, at);
    at += run.length;
  }
  return { rows, columns, data };
}

/** Puts the product of the dense rows where they belong. */
function copyDense(
  product: Float32Array,
  to: Float32Array,
  place: Place,
  dense: MapRows["dense"],
): void {
  let column = 0;
  for (const { row, count } of dense) {
    copyRun(product, to, place, { row, column, count });
    column += count;
  }
}

/** A segment of the last axis as a matrix [outer, size]. */
function lastAxis(
  from: Float32Array,
  place: Place,
  size: number,
  memory: GrowAxisOptions["memory"],
): Matrix {
  const { outer, oldAxis, oldStart } = place;
  if (size === oldAxis) return { rows: outer, columns: size, data: from };
  const data = memory.float32(outer * size);
  const whole = { row: 0, column: 0, count: size };
  copyRun(from, data, { ...place, oldStart, newAxis: size, newStart: 0 }, whole);
  return { rows: outer, columns: size, data };
}
