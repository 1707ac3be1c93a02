import type { MovableMap } from "@ligo/core/cost";
import type { ExpressionTerm, SegmentMap } from "@ligo/core/operator";
import * as tf from "@tensorflow/tfjs";

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
  mapOf: (name: string) => WidthMap,
): tf.Tensor2D {
  const sizes = segments.map((segment) => segment[size]);
  const parts: tf.Tensor2D[] = segments.length === 1 ? [x] : tf.split(x, sizes, 1);
  const applied = parts.map((part, index) => {
    const name = segments[index]?.map;
    return name === undefined ? part : apply(mapOf(name), part);
  });
  return applied.length === 1 ? (applied[0] as tf.Tensor2D) : tf.concat(applied, 1);
}

const mapName = ({ map }: SegmentMap, layer: number): string | undefined =>
  typeof map === "object" ? map[layer] : map;

/**
 * All maps of a term on one tensor, or on several that are stacked: their own axes are the last ones.
 *
 * @param layer picks the map where there is one per source layer
 */
export function widen(
  term: ExpressionTerm,
  x: tf.Tensor,
  layer: number,
  mapOf: (name: string) => WidthMap,
): tf.Tensor {
  return term.axes.reduce<tf.Tensor>((grown, segments, own) => {
    if (!segments) return grown;
    const axis = own + grown.rank - term.axes.length;
    const sizes = segments.map(({ oldSize }) => oldSize);
    const parts = segments.length === 1 ? [grown] : tf.split(grown, sizes, axis);
    const widened = parts.map((part, index) => {
      const name = mapName(segments[index] as SegmentMap, layer);
      return name === undefined ? part : applyAxis(mapOf(name), part, axis);
    });
    return widened.length === 1 ? (widened[0] as tf.Tensor) : tf.concat(widened, axis);
  }, x);
}
