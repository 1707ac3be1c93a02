import type { MovableMap } from "@ligo/core/cost";
import type { ExpressionTerm, SegmentMap, Spread } from "@ligo/core/operator";
import * as tf from "@ligo/tfjs";

/**
 * A width map [new, old] in a step: `block` holds the rows of C in [I; C] (the kept rows are exact and free), `full` all
 * rows, `identity` none (a space that keeps its size).
 */
export type WidthMap =
  | { readonly kind: "block"; readonly rows: tf.Tensor2D; readonly oldSize: number }
  | { readonly kind: "full"; readonly rows: tf.Tensor2D }
  | { readonly kind: "identity" };

/** M x for a map M [new, old] and x [old, n]. */
function applyLeft(map: WidthMap, x: tf.Tensor2D): tf.Tensor2D {
  if (map.kind === "identity") return x;
  const grown: tf.Tensor2D = tf.matMul(map.rows, x);
  return map.kind === "full" ? grown : tf.concat([x, grown], 0);
}

/** x M^T for a map M [new, old] and x [n, old]. */
export function applyRight(map: WidthMap, x: tf.Tensor2D): tf.Tensor2D {
  if (map.kind === "identity") return x;
  const grown: tf.Tensor2D = tf.matMul(x, map.rows, false, true);
  return map.kind === "full" ? grown : tf.concat([x, grown], 1);
}

/** x M for a map M [new, old] and x [n, new]: what a weight that reads the space sees of it. */
export function reduceRight(map: WidthMap, x: tf.Tensor2D): tf.Tensor2D {
  if (map.kind === "identity") return x;
  if (map.kind === "full") return tf.matMul(x, map.rows);
  const [kept, added] = tf.split(x, [map.oldSize, map.rows.shape[0]], 1) as [
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  return kept.add(tf.matMul(added, map.rows));
}

/** Applies a map to axis `axis` of a tensor of any rank. */
function applyAxis(map: WidthMap, x: tf.Tensor, axis: number): tf.Tensor {
  const { shape, rank } = x;
  if (axis === rank - 1 && rank > 1) {
    const flat = x.reshape<tf.Tensor2D>([-1, shape[axis] as number]);
    const grown = applyRight(map, flat);
    return grown.reshape([...shape.slice(0, -1), grown.shape[1]]);
  }
  const order = [axis, ...shape.map((_, index) => index).filter((index) => index !== axis)];
  const front = axis === 0 ? x : x.transpose(order);
  const grown = applyLeft(map, front.reshape<tf.Tensor2D>([shape[axis] as number, -1]));
  const back = grown.reshape([grown.shape[0], ...front.shape.slice(1)]);
  if (axis === 0) return back;
  return back.transpose(shape.map((_, index) => order.indexOf(index)));
}

/** The map of a segment, of one source layer where each has its own; `undefined` where the segment stays as it is. */
export type SegmentMaps = (segment: SegmentMap, layer: number) => WidthMap | undefined;

/** Finds the maps of segments; one that is spread over heads is made once. */
export function segmentMaps(mapOf: (name: string) => WidthMap): SegmentMaps {
  const made = new Map<string, WidthMap>();
  return (segment, layer) => {
    const { map: names, spread } = segment;
    const name = typeof names === "object" ? names[layer] : names;
    if (name === undefined) return undefined;
    if (spread === undefined) return mapOf(name);
    // A map is spread in one way: over the heads of the one space that carries it.
    const known = made.get(name) ?? spreadMap(mapOf(name), segment, spread);
    made.set(name, known);
    return known;
  };
}

/** A map [new, old] spread over heads that share its own: every block of owners times the weights of their heads. */
function spreadMap(map: WidthMap, { oldSize, newSize }: SegmentMap, spread: Spread): WidthMap {
  const { newOwners, oldOwners, weights } = spread;
  const { columns, data, rows } = weights;
  const isIdentity =
    rows === columns && data.every((weight, index) => weight === Number(index % (rows + 1) === 0));
  if (map.kind === "identity" && isIdentity) return map;
  const [newUnits, oldUnits] = [newSize / rows, oldSize / columns];
  const heads = tf
    .tensor2d(data, [rows, columns])
    .reshape([newOwners, rows / newOwners, 1, oldOwners, columns / oldOwners, 1]);
  const grown = wholeRows(map, oldOwners * oldUnits)
    .reshape([newOwners, 1, newUnits, oldOwners, 1, oldUnits])
    .mul(heads);
  return { kind: "full", rows: grown.reshape<tf.Tensor2D>([newSize, oldSize]) };
}

/** All rows of a map over `oldSize` units. */
function wholeRows(map: WidthMap, oldSize: number): tf.Tensor2D {
  if (map.kind === "full") return map.rows;
  const kept: tf.Tensor2D = tf.eye(oldSize);
  return map.kind === "identity" ? kept : tf.concat([kept, map.rows], 0);
}

/**
 * Applies the maps of a fused axis to the columns of x [rows, n], segment by segment.
 *
 * @param size side of the maps that the segments of x have
 */
export function overSegments(
  x: tf.Tensor2D,
  segments: readonly MovableMap[],
  size: "oldSize" | "newSize",
  apply: (map: WidthMap, part: tf.Tensor2D) => tf.Tensor2D,
  mapOf: SegmentMaps,
): tf.Tensor2D {
  const sizes = segments.map((segment) => segment[size]);
  const parts: tf.Tensor2D[] = segments.length === 1 ? [x] : tf.split(x, sizes, 1);
  const applied = parts.map((part, index) => {
    const map = mapOf(segments[index] as MovableMap, 0);
    return map === undefined ? part : apply(map, part);
  });
  return applied.length === 1 ? (applied[0] as tf.Tensor2D) : tf.concat(applied, 1);
}

/**
 * All maps of a term on one tensor, or on several that are stacked: their own axes are the last ones.
 *
 * @param layer picks the map where there is one per source layer
 */
export function widen(
  term: ExpressionTerm,
  x: tf.Tensor,
  layer: number,
  mapOf: SegmentMaps,
): tf.Tensor {
  return term.axes.reduce<tf.Tensor>((grown, segments, own) => {
    if (!segments) return grown;
    const axis = own + grown.rank - term.axes.length;
    const sizes = segments.map(({ oldSize }) => oldSize);
    const parts = segments.length === 1 ? [grown] : tf.split(grown, sizes, axis);
    const widened = parts.map((part, index) => {
      const map = mapOf(segments[index] as SegmentMap, layer);
      return map === undefined ? part : applyAxis(map, part, axis);
    });
    return widened.length === 1 ? (widened[0] as tf.Tensor) : tf.concat(widened, axis);
  }, x);
}
