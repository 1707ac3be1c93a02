/** Shapes of one use of a grown weight, y = x W'^T with W' = B W A^T. */
export interface Contraction {
  /** Rows of x: positions the product is taken for. */
  readonly tokens: number;
  /** Rows and columns of A, [newIn, oldIn]. */
  readonly oldIn: number;
  readonly newIn: number;
  /** Rows and columns of B, [newOut, oldOut]. */
  readonly oldOut: number;
  readonly newOut: number;
  /** Whether A and B are `[I; C]`, so that only their new rows cost products. */
  readonly identityBlock: boolean;
  /** How many weights read the same x and so share one product x A (query, key and value: 3). At least 1. */
  readonly sharedReaders: number;
}

/** `materialise`: build W', then x W'^T. `input-first`: ((x A) W^T) B^T, which never builds W'. */
export type ContractionOrder = "materialise" | "input-first";

/**
 * Floating-point operations of forward and backward pass of one contraction, a multiply-add counting as two. Every
 * product of the chain needs two more of the same size in the backward pass, as each of its sides carries a gradient:
 * the activations, the learnable maps, and W through its depth coefficients.
 */
export function contractionFlops(order: ContractionOrder, contraction: Contraction): number {
  const { tokens, oldIn, newIn, oldOut, newOut, identityBlock, sharedReaders } = contraction;
  const rowsA = identityBlock ? newIn - oldIn : newIn;
  const rowsB = identityBlock ? newOut - oldOut : newOut;
  const products =
    order === "materialise"
      ? [oldOut * oldIn * rowsA, rowsB * oldOut * newIn, tokens * newIn * newOut]
      : [
          (tokens * rowsA * oldIn) / sharedReaders,
          tokens * oldIn * oldOut,
          tokens * oldOut * rowsB,
        ];
  const multiplyAdds = products.reduce((sum, product) => sum + product, 0);
  return 3 * 2 * multiplyAdds;
}

/**
 * The cheaper order by {@link contractionFlops}; `materialise` on a tie. This is the seam for a richer planner: one that
 * knows an engine's speed at each shape, memory traffic, or more than two orders replaces this function.
 */
export function chooseOrder(contraction: Contraction): ContractionOrder {
  const materialise = contractionFlops("materialise", contraction);
  return contractionFlops("input-first", contraction) < materialise ? "input-first" : "materialise";
}
