import { widthMatrix } from "./initials/width.js";
import { operatorForm, type OperatorTensorInfo } from "../operator/operator-tensors.js";
import type { Matrix, Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { learnedParts } from "./change-reasons.js";
import { createOperator } from "./create-operator.js";
import { depthStart, type DepthStart } from "./depth-start.js";
import { functionPreservingRead, functionPreservingWidth } from "./function-preserving.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { initialDepth, rank, type InitialDepth } from "./options.js";

export interface MangoOptions {
  /** Terms of the sum. Default 1. */
  readonly rank?: number;
  /** Start of the depth matrices of the first term. Default `stackbert_noisy`. */
  readonly depth?: DepthStart;
}

/** Deviation of the entries that mix kinds in terms after the first, which start at a weight of zero. */
const NEW_KINDS = 0.1;

/**
 * The start of a multilinear operator after Mango (Pan et al., 2023), which maps all matrices of a stack at once: the
 * tensor of kinds x inputs x outputs x layers is mapped along each of its four modes,
 *
 * block_(b2, l2) = sum over r, b1, l1 of K_r[b2, b1] w_r[l2, l1] O_r W_(b1, l1) I_r^T,
 *
 * with one writing map O and one reading map I for all matrices, cut into blocks of the embedding's size. Embeddings, norms,
 * biases and heads take O where they are written and I where they are read, and depth weights of their own.
 *
 * The first term starts as stacking: K = I, units copied and shared evenly. Further ones start at nothing, with K and the
 * maps drawn, so that their depth weights learn first.
 *
 * Throws `plan/no-blocks` where another space is no whole number of blocks.
 */
export function mangoOperator(plan: Plan, random: Random, options: MangoOptions = {}): Operator {
  const { depth = "stackbert_noisy", rank = 1 } = options;
  return createOperator(
    plan,
    operatorForm("block"),
    { terms: rank, separateRead: true, outsideStacks: rank > 1 },
    {
      width: (space, { term }, name) =>
        term === 0
          ? functionPreservingWidth(space, random)
          : widthMatrix("rand", space.newSize, space.oldSize, random.fork(name)),
      read: (space, { term }, name) =>
        term === 0
          ? functionPreservingRead(space, random)
          : widthMatrix("rand", space.newSize, space.oldSize, random.fork(name)),
      kinds: (info, name) => kinds(info, random.fork(name)),
      depth(info, name) {
        const { rows, columns, stack, term } = info;
        if (term === 0 && stack !== undefined)
          return depthStart(plan, depth, info, random.fork(name));
        return { rows, columns, data: new Float32Array(rows * columns).fill(term === 0 ? 1 : 0) };
      },
    },
  );
}

function kinds({ rows, columns, term }: OperatorTensorInfo, random: Random): Matrix {
  const data = Float32Array.from({ length: rows * columns }, (_, index) =>
    term === 0 ? Number(index % (columns + 1) === 0) : NEW_KINDS * random.normal(),
  );
  return { rows, columns, data };
}

/** Options of `mango`, as settings name them. */
export interface MangoSettings {
  readonly initialDepth: InitialDepth;
  readonly rank: number;
}

export const mango: Method<MangoSettings, "mango"> = defineMethod({
  name: "mango",
  says: "Learns how all matrices of a layer mix too, with one map for all of them.",
  source: "Mango, Pan et al., 2023, arXiv:2310.10699",
  options: { initialDepth, rank },
  learns: "all",
  keepsFunction: (plan) => keptUnless(learnedParts(plan, "all")),
  operator: (plan, { options, random }) =>
    mangoOperator(plan, random, { depth: options.initialDepth, rank: options.rank }),
});
