import type { Contraction } from "./contraction.js";
import type { Expression, SegmentMap } from "../operator/expression.js";
import type { WeightStorage } from "../layout/parts/transformer-layer.js";

/** A segment whose map is one matrix, or none. */
export type MovableMap = SegmentMap & { readonly map: string | undefined };

/** The maps of an axis that products may reorder around: those of a single depth-first term; `undefined` if there are none. */
export function movableMaps(
  expression: Expression,
  axis: number,
): readonly MovableMap[] | undefined {
  const segments = expression.terms[0]?.axes[axis];
  if (expression.terms.length !== 1 || expression.order !== "depth-then-width") return undefined;
  const isMovable = (segment: SegmentMap): segment is MovableMap => typeof segment.map !== "object";
  if (!segments?.every(isMovable)) return undefined;
  return segments.some(({ map }) => map !== undefined) ? segments : undefined;
}

/** The axes of a weight's outputs and inputs. */
export function weightAxes(storage: WeightStorage): readonly [outputs: number, inputs: number] {
  return storage === "out-in" ? [0, 1] : [1, 0];
}

/** One use of a grown weight in a step: a product of `tokens` positions with it. */
export interface WeightUse {
  readonly tokens: number;
  /** Number of products that read the same positions through the same space. */
  readonly readers: number;
  readonly storage: WeightStorage;
  /** Whether a frozen weight of the target's size is added. Default false. */
  readonly frozenPart?: boolean;
  /** Whether all rows of a width map are learned, and not only those below a kept identity. */
  isFull(map: string): boolean;
}

/**
 * The contraction a use of a grown weight is; `undefined` where the weight can only be built (a sum of terms, width grown
 * before depth is mixed, or rows that interleave).
 */
export function contractionOf(expression: Expression, use: WeightUse): Contraction | undefined {
  const { interleaved, order, terms } = expression;
  if (terms.length > 1 || order !== "depth-then-width" || interleaved) return undefined;
  const [outAxis, inAxis] = weightAxes(use.storage);
  const size = (shape: readonly number[], axis: number): number => shape[axis] as number;
  /** Whether no map of an axis is whole: each keeps the old rows. */
  const isBlock = (axis: number): boolean =>
    !movableMaps(expression, axis)?.some(
      ({ map, spread }) => map !== undefined && (spread !== undefined || use.isFull(map)),
    );
  // The maps of a fused output stand in blocks: it costs what as many weights do that read the same x.
  const parts = expression.terms[0]?.axes[outAxis]?.length ?? 1;
  return {
    tokens: use.tokens,
    oldIn: size(expression.sourceShape, inAxis),
    newIn: size(expression.shape, inAxis),
    oldOut: size(expression.sourceShape, outAxis) / parts,
    newOut: size(expression.shape, outAxis) / parts,
    identityBlock: isBlock(inAxis),
    outputBlock: isBlock(outAxis),
    sharedReaders: use.readers * parts,
    ...(use.frozenPart === true ? { frozenPart: true } : {}),
  };
}
