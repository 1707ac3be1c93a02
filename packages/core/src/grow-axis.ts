import { classifyRows, DENSE, EMPTY, selectRows, type MapRows } from "./map-rows.js";
import type { Multiply } from "./multiply.js";
import type { Matrix } from "./operator.js";

/** A dense array in row-major order. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** One stretch of an axis and its map [newSize, oldSize]; without a map it is copied. */
export interface Segment {
  readonly oldSize: number;
  readonly newSize: number;
  readonly map: Matrix | undefined;
}

/** Where a segment lies in the old and the new tensor, both seen as [outer, axis, inner]. */
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
  multiply: Multiply,
): Promise<Tensor> {
  const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
  const outer = product(tensor.shape.slice(0, axis));
  const inner = product(tensor.shape.slice(axis + 1));
  const oldAxis = tensor.shape[axis] ?? 0;
  const newAxis = segments.reduce((sum, { newSize }) => sum + newSize, 0);
  const data = new Float32Array(outer * newAxis * inner);

  let oldStart = 0;
  let newStart = 0;
  for (const { oldSize, newSize, map } of segments) {
    const place: Place = { outer, inner, oldAxis, newAxis, oldStart, newStart };
    if (map === undefined) {
      copySegment(tensor.data, data, place, oldSize);
    } else {
      const rows = classifyRows(map);
      copyRows(tensor.data, data, place, rows);
      if (rows.dense.length > 0) await multiplyRows(tensor.data, data, place, rows, map, multiply);
    }
    oldStart += oldSize;
    newStart += newSize;
  }
  return { shape: tensor.shape.with(axis, newAxis), data };
}

function copySegment(from: Float32Array, to: Float32Array, place: Place, size: number): void {
  const { inner, oldAxis, newAxis, oldStart, newStart } = place;
  for (let o = 0; o < place.outer; o++) {
    const start = (o * oldAxis + oldStart) * inner;
    to.set(from.subarray(start, start + size * inner), (o * newAxis + newStart) * inner);
  }
}

function copyRows(from: Float32Array, to: Float32Array, place: Place, rows: MapRows): void {
  const { inner, oldAxis, newAxis, oldStart, newStart } = place;
  for (let o = 0; o < place.outer; o++) {
    for (let row = 0; row < rows.columns.length; row++) {
      const column = rows.columns[row] as number;
      if (column === EMPTY || column === DENSE) continue;
      const weight = rows.weights[row] as number;
      const start = (o * oldAxis + oldStart + column) * inner;
      const target = (o * newAxis + newStart + row) * inner;
      if (weight === 1) {
        to.set(from.subarray(start, start + inner), target);
      } else {
        for (let i = 0; i < inner; i++) to[target + i] = weight * (from[start + i] as number);
      }
    }
  }
}

async function multiplyRows(
  from: Float32Array,
  to: Float32Array,
  place: Place,
  { dense }: MapRows,
  map: Matrix,
  multiply: Multiply,
): Promise<void> {
  const { outer, inner, oldAxis, newAxis, oldStart, newStart } = place;
  const rows = selectRows(map, dense);
  if (inner === 1) {
    // The axis is the last one: X [outer, old] times the transpose of the rows [dense, old].
    const x = lastAxis(from, place, map.columns);
    const { data } = await multiply(x, rows, { transposeB: true });
    for (let o = 0; o < outer; o++) {
      for (const [index, row] of dense.entries()) {
        to[o * newAxis + newStart + row] = data[o * dense.length + index] as number;
      }
    }
    return;
  }
  for (let o = 0; o < outer; o++) {
    const start = (o * oldAxis + oldStart) * inner;
    const x = from.subarray(start, start + map.columns * inner);
    const { data } = await multiply(rows, { rows: map.columns, columns: inner, data: x }, {});
    for (const [index, row] of dense.entries()) {
      to.set(
        data.subarray(index * inner, (index + 1) * inner),
        (o * newAxis + newStart + row) * inner,
      );
    }
  }
}

/** A segment of the last axis as a matrix [outer, size]. */
function lastAxis(from: Float32Array, place: Place, size: number): Matrix {
  const { outer, oldAxis, oldStart } = place;
  if (size === oldAxis) return { rows: outer, columns: size, data: from };
  const data = new Float32Array(outer * size);
  for (let o = 0; o < outer; o++) {
    const start = o * oldAxis + oldStart;
    data.set(from.subarray(start, start + size), o * size);
  }
  return { rows: outer, columns: size, data };
}
