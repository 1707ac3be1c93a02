import { roleSpaces } from "./layout-names.js";
import type { Layout, Parameter } from "./layout.js";
import { writesResidual } from "./residual.js";

/** The spaces that a parameter scales or shifts per channel. */
export function elementSpaces(parameter: Pick<Parameter, "axes">): readonly string[] {
  return roleSpaces(parameter, "elem");
}

/** Whether a parameter is the gain of a norm. */
export function isNormGain(parameter: Pick<Parameter, "norm">): boolean {
  return parameter.norm !== undefined;
}

/** Whether a parameter scales a branch per channel (LayerScale): neither the gain nor the bias of a norm. */
export function isBranchScale(layout: Layout, parameter: Parameter): boolean {
  if (isNormGain(parameter) || elementSpaces(parameter).length === 0) return false;
  const gain = parameter.name.replace(/\.bias$/u, ".weight");
  return !layout.parameters.some((one) => one.name === gain && isNormGain(one));
}

/** The gains of norms by the space that a norm runs over. */
export function normsBySpace(layout: Layout): ReadonlyMap<string, readonly Parameter[]> {
  const norms = new Map<string, Parameter[]>();
  for (const parameter of layout.parameters.filter(isNormGain)) {
    for (const space of elementSpaces(parameter))
      norms.set(space, [...(norms.get(space) ?? []), parameter]);
  }
  return norms;
}

/** Whether a norm runs over a space, and not over the channels of each head. */
export function isStream(layout: Layout, space: string): boolean {
  const ofHeads = Object.values(layout.spaces).some(({ normedBy }) => normedBy === space);
  return !ofHeads && normsBySpace(layout).has(space);
}

/** Whether all norms over a space take mean squares of what comes, means included. */
export function hasRmsNorms(layout: Layout, space: string): boolean {
  return (normsBySpace(layout).get(space) ?? []).every(({ norm }) => norm === "rms");
}

/** The matrices by which the branches of a stack's layers write the residual stream, in order. */
export function branchWriters(layout: Layout, stack: string): readonly Parameter[] {
  return layout.parameters.filter(
    (parameter) =>
      parameter.stack === stack &&
      parameter.axes.length > 1 &&
      parameter.axes.some(({ role }) => role === "in") &&
      writesResidual(layout, parameter),
  );
}

/**
 * What scales per channel (LayerScale) that which a weight or bias writes to the residual stream; `undefined` where nothing does.
 * A stack has one for each of its branches, in their order, or none.
 */
export function branchScaleOf(layout: Layout, { name, stack }: Parameter): Parameter | undefined {
  if (stack === undefined) return undefined;
  const weight = name.replace(/\.bias$/u, ".weight");
  const writers = branchWriters(layout, stack);
  const scales = layout.parameters.filter(
    (one) => one.stack === stack && isBranchScale(layout, one),
  );
  const branch = writers.findIndex((writer) => writer.name === weight);
  return branch < 0 || scales.length !== writers.length ? undefined : scales[branch];
}
