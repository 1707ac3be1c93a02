import { axisSpaces, expandLayout, isOwned } from "../layout/layout-names.js";
import type { Layout } from "../layout/layout.js";
import { elementCount } from "../shape.js";
import { hasRole, readsVocabulary, usedPositions, type FlopsOptions } from "./used-positions.js";

/** Number of parameters. Tied ones and mirrors count once. */
export function parameterCount(layout: Layout): number {
  return expandLayout(layout)
    .filter(({ parameter }) => isOwned(parameter))
    .reduce((count, { shape }) => count + elementCount(shape), 0);
}

export interface Flops {
  readonly forward: number;
  /** Forward and backward: three times the forward pass. */
  readonly training: number;
}

/**
 * Floating-point operations of the matrix products of a model, a multiply-add counting as two. Norms, activations,
 * softmax and embedding look-ups are left out.
 * - A parameter that reads takes 2mn for every position that it works on, also where it is tied. In a layer these are all
 *   tokens; where a vocabulary is read out, behind the attention of the last layer and for the readout labelled ones alone. Other
 *   readouts work once per sequence.
 * - A convolution (more than two axes, the first one `out`) takes 2mn per token.
 * - Attention: 2 * sequence * size(query) for the scores and 2 * sequence * size(value) for the context, or the size of what
 *   carries the values of shared heads, per token and layer.
 */
export function estimateFlops(layout: Layout, options: FlopsOptions): Flops {
  const { tokens, sequence } = options;
  const readsWords = readsVocabulary(layout);
  let forward = 0;
  for (const { layer, parameter, shape } of expandLayout(layout)) {
    if (parameter.mirrorOf !== undefined) continue;
    const isConvolution = parameter.axes.length > 2 && parameter.axes[0]?.role === "out";
    const isLast =
      parameter.stack !== undefined && layer === (layout.stacks[parameter.stack]?.layers ?? 0) - 1;
    let uses = 0;
    if (hasRole(parameter, "in")) {
      uses = usedPositions(parameter, options, readsWords)[isLast ? "last" : "each"];
    } else if (isConvolution) uses = tokens;
    forward += 2 * uses * elementCount(shape);
  }
  // a share of the tokens is no whole number of them
  forward = Math.round(forward + attentionFlops(layout, tokens, sequence));
  return { forward, training: 3 * forward };
}

/** Floating-point operations of attention in a forward pass: scores and weighted sums of all layers, weights left out. */
export function attentionFlops(layout: Layout, tokens: number, sequence: number): number {
  const layersWriting = (space: string): number => {
    const stacks = new Set(
      layout.parameters
        .filter(({ axes }) =>
          axes.some((axis) => axis.role === "out" && axisSpaces(axis).includes(space)),
        )
        .map(({ stack }) => stack),
    );
    return [...stacks].reduce(
      (sum, stack) => sum + (stack === undefined ? 0 : (layout.stacks[stack]?.layers ?? 0)),
      0,
    );
  };
  const sizePerLayer = (space: string): number => {
    const carrier = Object.values(layout.spaces).find(({ carries }) => carries === space);
    return layersWriting(space) * ((carrier ?? layout.spaces[space])?.size ?? 0);
  };
  // Without a space of its own for queries, keys have the same size.
  const scores = sizePerLayer("query") || sizePerLayer("key");
  return 2 * sequence * (scores + sizePerLayer("value")) * tokens;
}
