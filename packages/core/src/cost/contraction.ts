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
  /** The same of B alone, where it is another than of A. */
  readonly outputBlock?: boolean;
  /** Number of weights that read the same x and so share one product x A (query, key and value: 3). At least 1. */
  readonly sharedReaders: number;
  /** Whether a frozen weight of the target's size is added to W'. Default false. */
  readonly frozenPart?: boolean;
  /** Whether W carries no gradient (no depth is mixed into it), so that products with it need one more only. Default false. */
  readonly frozenWeight?: boolean;
}

/**
 * The ways to form y = x W'^T with W' = B W A^T:
 * - `materialise`: build W', then x W'^T;
 * - `input-first`: (x A) (B W)^T, the input brought down to the source's width first;
 * - `output-last`: (x (W A^T)^T) B^T, the output brought up to the target's width last;
 * - `factored`: ((x A) W^T) B^T, both.
 */
export type ContractionOrder = "materialise" | "input-first" | "output-last" | "factored";

/** All orders; the first is the plainest. */
export const CONTRACTION_ORDERS: readonly ContractionOrder[] = [
  "materialise",
  "input-first",
  "output-last",
  "factored",
];

/**
 * Floating-point operations of forward and backward pass of one contraction, a multiply-add counting as two. Every
 * product of the chain needs two more of the same size in the backward pass, as each of its sides carries a gradient:
 * the activations, the learnable maps, and W through its depth coefficients.
 */
export function contractionFlops(order: ContractionOrder, contraction: Contraction): number {
  const { tokens, oldIn, newIn, oldOut, newOut, identityBlock, sharedReaders } = contraction;
  const { outputBlock = identityBlock } = contraction;
  const rowsA = identityBlock ? newIn - oldIn : newIn;
  const rowsB = outputBlock ? newOut - oldOut : newOut;
  const reduceInput = (tokens * rowsA * oldIn) / sharedReaders;
  const expandOutput = tokens * oldOut * rowsB;
  const products = {
    materialise: [oldOut * oldIn * rowsA, rowsB * oldOut * newIn, tokens * newIn * newOut],
    "input-first": [rowsB * oldOut * oldIn, reduceInput, tokens * oldIn * newOut],
    "output-last": [oldOut * oldIn * rowsA, tokens * newIn * oldOut, expandOutput],
    factored: [tokens * oldIn * oldOut, reduceInput, expandOutput],
  }[order];
  // the first of each is the one that W itself stands in
  const withoutGradient = contraction.frozenWeight === true ? (products[0] ?? 0) : 0;
  // a product of its own where W' is not built, and only activations carry a gradient there
  const isApart = contraction.frozenPart === true && order !== "materialise";
  const apart = isApart ? 2 * tokens * newIn * newOut : 0;
  return 2 * (3 * products.reduce((sum, product) => sum + product, 0) - withoutGradient + apart);
}

/**
 * Cost of a pass over one number of an activation, in floating-point operations of products: joining and splitting rows,
 * as measured on onnxruntime.
 */
const PASS_FLOPS = 40;

/**
 * The floating-point operations of one contraction, and the time of its passes over activations in the same unit: with
 * `[I; C]`, kept and new parts of an activation are split, added and joined, forward and backward.
 */
export function contractionCost(order: ContractionOrder, contraction: Contraction): number {
  const { tokens, oldIn, newIn, oldOut, newOut, identityBlock, sharedReaders } = contraction;
  const { outputBlock = identityBlock } = contraction;
  const reducesInput = order === "input-first" || order === "factored";
  const expandsOutput = order === "output-last" || order === "factored";
  const passes =
    (reducesInput && identityBlock ? (2 * newIn + oldIn) / sharedReaders : 0) +
    (expandsOutput && outputBlock ? 2 * newOut + oldOut : 0);
  return contractionFlops(order, contraction) + PASS_FLOPS * tokens * passes;
}

/**
 * The cheapest order by {@link contractionCost}; the plainer one on a tie. This is the seam for a richer planner: one that
 * knows an engine's speed at each shape replaces this function.
 */
export function chooseOrder(contraction: Contraction): ContractionOrder {
  let best: ContractionOrder = "materialise";
  for (const order of CONTRACTION_ORDERS) {
    if (contractionCost(order, contraction) < contractionCost(best, contraction)) best = order;
  }
  return best;
}
