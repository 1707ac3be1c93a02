export interface MatrixShape {
  readonly rows: number;
  readonly columns: number;
}

/** A row-major matrix of float32 numbers. */
export interface Matrix extends MatrixShape {
  readonly data: Float32Array;
}

/**
 * Whether depth is mixed before width is grown (the published code) or after (the paper's equations); differs only
 * when width maps differ between layers.
 */
export type Order = "depth-then-width" | "width-then-depth";

/** Whether a layered space has one width map per target layer, per source layer, or one for all. */
export type WidthScope = "target-layer" | "source-layer" | "model";

/**
 * The form of an operator. `target-layer` requires depth-then-width, `source-layer` width-then-depth. `block`: one map
 * for all spaces, which are cut into blocks of the residual stream's size, and matrices of a layer mixed block by block.
 */
export interface OperatorForm {
  readonly order: Order;
  readonly widthScope: WidthScope | "block";
}

/** Entries of grown tensors that are drawn: from which seed, and with which standard deviation where they are normal. */
export interface DrawnEntries {
  /** A whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  readonly deviation: number;
  /** Whether the deviation is in units of that of the source's own tensor, over the layers it is made of. Absent: it is not. */
  readonly relative?: true;
}

/**
 * The entries that start afresh, by the places of new units and layers:
 * - `new`: whatever a new unit writes or reads, and layers that are made of none (direct copy);
 * - `lossless`: those that change nothing yet. New channels of a space with a norm over it are written by nothing and read by
 *   drawn numbers; new units and heads within a layer are drawn and read by nothing; of new channels in an old head only
 *   queries are drawn;
 * - `everywhere`: those of `new`, and numbers are added to all other weights that start as normal (a perturbation of the whole).
 */
export type FreshRule = "new" | "lossless" | "everywhere";

/** The places of fresh entries, which stay what they are while maps are learned: what is drawn there is added to the terms. */
export interface FreshPlaces {
  readonly rule: FreshRule;
  /** By stack, the source layer that each layer is made of; `null` where it is made of none. */
  readonly layers: Readonly<Record<string, readonly (number | null)[]>>;
  /**
   * By space, in order, the new units that start afresh; all others are old ones, or copies. Absent: all that are no first copies of an
   * old one. Only with the rule `new`.
   */
  readonly units?: Readonly<Record<string, readonly number[]>>;
  /** Drawn numbers are multiplied by (d / d')^p where they read a space that grows from d to d'. Absent: 0. */
  readonly readPower?: number;
}

/** Entries that start from scratch: drawn where the layout starts them as normal, else ones or zeros. */
export interface FreshEntries extends DrawnEntries {
  /**
   * Absent: entries that no term reaches, as a map's row, or the depth weights, are all zero. With `relative` gains of norms
   * start at the mean of the source's, and scales of branches at their root mean square.
   */
  readonly places?: FreshPlaces;
}

/**
 * The numbers of a plan. Tensors are named
 * - `width.<space>` or `width.<space>.<layer>`, [new, old]: what writes the space (and reads it, unless `read` exists);
 * - `read.<space>` or `read.<space>.<layer>`, [new, old]: what reads it, where that differs (function-preserving maps);
 * - `elem.<space>` or `elem.<space>.<layer>`, [new, old]: what scales it per channel, where that differs;
 * - `depth.<parameter name with {i}>`, [new layers, old layers]; for a parameter outside stacks, where present, its
 *   coefficient [1, 1].
 * A space that carries another one (`context` carries `value`) has a `width` map only where the other's, spread over the heads
 * that share it, is not its own.
 * With `block` scope there are `width.block`, `read.block`, and for each stack `kinds.<stack>` [blocks, blocks], which
 * mixes the blocks of a layer's matrices before depth.
 * A second and further terms of the sum carry the prefix `term.<r>.`, r >= 1.
 * With fresh places by the rule `lossless` there may be `fresh.<tensor of the target>`, [units, channels]: what the first new units
 * that a matrix of a layer reads write by it, in place of zeros. What writes these units is zero then.
 */
export interface Operator extends OperatorForm {
  readonly architecture: string;
  readonly terms: number;
  readonly tensors: ReadonlyMap<string, Matrix>;
  /** What starts from scratch. Absent: entries that no term reaches are zero. */
  readonly fresh?: FreshEntries;
  /**
   * All terms of a tensor that reads a space which grows from d to d' are multiplied by (d / d')^p. Absent: 0.
   */
  readonly readPower?: number;
  /**
   * Normal numbers that are added, after all terms, to what new units hold of weights: entries of a grown tensor beyond the
   * source's size on any axis, where the layout starts them as normal. Mixtures of old units span no more than these do;
   * this gives new units directions of their own. Learning does not see it. Absent: nothing is added.
   */
  readonly perturbation?: DrawnEntries;
  /** The function is kept where the epsilon of the target's norms is that of the source times this. Absent: 1. */
  readonly normEpsilonScale?: number;
}
