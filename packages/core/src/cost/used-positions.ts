import { axisSpaces } from "../layout/layout-names.js";
import type { Layout, Parameter, Role } from "../layout/layout.js";

export interface FlopsOptions {
  /** Tokens (positions) processed. */
  readonly tokens: number;
  /** Tokens per sequence: how many others each token attends to. */
  readonly sequence: number;
  /**
   * Share of tokens with a label, for which the readout over the vocabulary, and of the last layer what stands behind its
   * attention, are needed: 1 for causal models.
   */
  readonly labelledFraction: number;
}

/** Spaces of attention's inner products. */
export const ATTENTION_SPACES: ReadonlySet<string> = new Set(["query", "key", "value"]);

/** Whether an axis of a parameter has a role. */
export const hasRole = ({ axes }: Pick<Parameter, "axes">, role: Role): boolean =>
  axes.some((axis) => axis.role === role);

/** Spaces of a parameter's axes of a role, in order. */
export const spacesOf = ({ axes }: Pick<Parameter, "axes">, role: Role): readonly string[] =>
  axes.filter((axis) => axis.role === role).flatMap(axisSpaces);

/** The same as a text: `query+key+value`. */
export const spaceText = (parameter: Pick<Parameter, "axes">, role: Role): string =>
  spacesOf(parameter, role).join("+");

/** Whether a parameter has a row for every word. */
export const isOverVocabulary = (parameter: Parameter): boolean =>
  spaceText(parameter, "fixed") === "vocab";

/** Whether a model reads out a vocabulary. */
export const readsVocabulary = ({ parameters }: Pick<Layout, "parameters">): boolean =>
  parameters.some((parameter) => hasRole(parameter, "in") && isOverVocabulary(parameter));

/** Whether a weight makes queries, keys or values, alone or fused. */
export const writesAttention = (parameter: Parameter): boolean => {
  const written = spacesOf(parameter, "out");
  return (
    parameter.axes.length === 2 &&
    written.length > 0 &&
    written.every((name) => ATTENTION_SPACES.has(name))
  );
};

/** Positions that a parameter's products work on: in a layer that is not the last, and in the last. */
export interface UsedPositions {
  readonly each: number;
  readonly last: number;
}

/**
 * Positions that the products of a parameter, which has an `in` axis, work on in a pass.
 * - In a layer: all tokens. Where a vocabulary is read out, what stands behind attention in the last layer works on labelled ones.
 * - Outside layers: labelled tokens for a vocabulary and for what stands before it, else one a sequence.
 */
export function usedPositions(
  parameter: Parameter,
  { labelledFraction, sequence, tokens }: FlopsOptions,
  readsWords: boolean,
): UsedPositions {
  const labelled = tokens * labelledFraction;
  if (parameter.stack !== undefined) {
    const last = readsWords && !writesAttention(parameter) ? labelled : tokens;
    return { each: tokens, last };
  }
  const ofWords = isOverVocabulary(parameter) || (readsWords && hasRole(parameter, "out"));
  const each = ofWords ? labelled : tokens / sequence;
  return { each, last: each };
}
