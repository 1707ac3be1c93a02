import type { Block } from "./blocks.js";
import type { Interleaving } from "./interleaving.js";
import type { Matrix, Order } from "./operator.js";

/**
 * A map that is made of another one: `context` of `value`'s. Entry [(h', c'), (h, c)] is weights[h', h] times entry
 * [(owner of h', c'), (owner of h, c)] of the other map; heads stand behind each other owner by owner.
 */
export interface Spread {
  /** [new heads, old heads]. */
  readonly weights: Matrix;
  readonly oldOwners: number;
  readonly newOwners: number;
}

/** The map of one segment of an axis: one operator tensor, or one per source layer (width-then-depth). */
export interface SegmentMap {
  readonly oldSize: number;
  readonly newSize: number;
  /** Name of the operator tensor [new, old]; an array holds one name per source layer. `undefined`: identity. */
  readonly map: string | readonly string[] | undefined;
  /** Present where the map is the operator tensor spread over heads. */
  readonly spread?: Spread;
}

/** A mixture that the blocks of a tensor are: of those of all matrices of its layer. */
export interface KindMix {
  /** Operator tensor [blocks, blocks]. */
  readonly tensor: string;
  /** The blocks that its columns stand for, in the source. */
  readonly blocks: readonly Block[];
  /** The blocks of this tensor, and the row of the first. */
  readonly own: readonly Block[];
  readonly first: number;
  /** Rows and columns of a block in the source. */
  readonly size: number;
}

/** One term of a grown tensor: sum over source layers j of depth[row, j] * (maps applied to source j). */
export interface ExpressionTerm {
  /** Row `row` of operator tensor `tensor`; absent for parameters outside stacks (one source) of weight 1. */
  readonly depth?: { readonly tensor: string; readonly row: number };
  /** Mixes matrices of each source layer before depth; absent where a tensor is made of its own kind alone. */
  readonly kinds?: KindMix;
  /** Per axis its segments; `undefined` where the axis does not change. */
  readonly axes: readonly (readonly SegmentMap[] | undefined)[];
}

/**
 * The making of one target tensor: P'_i = sum_r sum_j w_r[i,j] (M_1 x_1 M_2 x_2 ... P_j). With an offset o and a factor f it is
 * P'_i + o = f sum_r sum_j w_r[i,j] (M_1 x_1 M_2 x_2 ... (P_j + o)).
 */
export interface Expression {
  /** Canonical name of the target tensor. */
  readonly name: string;
  /** Parameter name with `{i}`, the key of the depth matrix. */
  readonly parameter: string;
  /** Target shape. */
  readonly shape: readonly number[];
  /** Shape of each source tensor. */
  readonly sourceShape: readonly number[];
  /** Canonical names of the source tensors, one per source layer (or one). */
  readonly sources: readonly string[];
  readonly order: Order;
  readonly terms: readonly ExpressionTerm[];
  /** The model computes with the stored tensor plus this. Absent: 0. */
  readonly offset?: number;
  /** Makes up for a factor of the model that depends on a size. Absent: 1. */
  readonly factor?: number;
  /** Present where rows are stored in another order than that of the maps: in the source tensors, and in this one. */
  readonly interleaved?: { readonly source: Interleaving; readonly target: Interleaving };
}
