import { axisSpaces } from "./layout-names.js";
import type { Layout, Parameter } from "./layout.js";

/** The spaces that a parameter scales or shifts per channel. */
export function elementSpaces({ axes }: Pick<Parameter, "axes">): readonly string[] {
  return axes.flatMap((axis) => (axis.role === "elem" ? axisSpaces(axis) : []));
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
