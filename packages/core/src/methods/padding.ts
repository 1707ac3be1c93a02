import { axisSpaces, spaceOf } from "../layout/layout-names.js";
import type { Layout, Parameter } from "../layout/layout.js";
import { elementSpaces, isBranchScale, normsBySpace } from "../layout/norms.js";
import { writesResidual } from "../layout/residual.js";
import type { PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import { widened } from "./change-reasons.js";
import type { NormFacts } from "./method.js";

/** Share of a space's new units that are copies where the rest hold the mean of the old ones: k D1 / D2. */
export function filled({ oldSize, newSize }: Pick<PlannedSpace, "oldSize" | "newSize">): number {
  return (newSize - (newSize % oldSize)) / newSize;
}

/** The spaces of norms that run over the channels of each head: these are copied, not padded. */
export function headNorms({ spaces }: Layout): ReadonlySet<string> {
  return new Set(Object.values(spaces).flatMap(({ normedBy }) => normedBy ?? []));
}

/** Whether what is left of a space holds zeros: all norms over it take mean squares of what comes, means included. */
export function isZeroPadded({ target }: Plan, { name }: Pick<PlannedSpace, "name">): boolean {
  const norms = normsBySpace(target).get(name) ?? [];
  return norms.every(({ norm }) => norm === "rms");
}

/**
 * Width: a space under a norm whose new units are partly the mean of its old ones, or zeros. A mean has to stay the mean from
 * what writes the space up to the norm, and the epsilon of the norm has to shrink with the variance.
 */
export function paddingChanges(plan: Plan, architecture?: NormFacts): readonly string[] {
  const norms = normsBySpace(plan.target);
  const ofHeads = headNorms(plan.target);
  const uneven = widened(plan).filter((space) => norms.has(space.name) && filled(space) !== 1);
  const padded = uneven.filter(({ name }) => !ofHeads.has(name));
  const becomes = ({ name, newSize, oldSize }: PlannedSpace): string =>
    `${name}: ${oldSize} becomes ${newSize}, no multiple`;
  const reasons = padded
    .filter((space) => !isZeroPadded(plan, space))
    .flatMap((space) =>
      interruptions(plan.target, space.name, norms.get(space.name) ?? []).map(
        (reason) => `${becomes(space)}, and ${reason}`,
      ),
    );
  for (const space of uneven.filter(({ name }) => ofHeads.has(name)))
    reasons.push(`${becomes(space)}, and norms of heads count each copy`);
  const shares = new Set(
    [...norms.keys()].flatMap((name) => padded.filter((space) => space.name === name).map(filled)),
  );
  const [first] = padded;
  if (shares.size > 1)
    reasons.push("norms over spaces that grow by different ratios would each need an epsilon");
  if (first !== undefined && architecture !== undefined && architecture.normEpsilon === undefined)
    reasons.push(
      `${first.name}: ${first.oldSize} becomes ${first.newSize}, no multiple, and the config has no epsilon of the norms to multiply by ${filled(first)}`,
    );
  return reasons;
}

/** The places where the mean of a space's units is not the unit that would be computed from their mean. */
function interruptions(
  layout: Layout,
  space: string,
  norms: readonly Parameter[],
): readonly string[] {
  const { parameters, stacks } = layout;
  const firstLayer = parameters.findIndex((parameter) => writesResidual(layout, parameter));
  const afterSums = Object.keys(stacks).filter(
    (stack) => stacks[stack]?.norm === "post" && norms.some((norm) => norm.stack === stack),
  );
  const before = norms.filter(
    (norm) => norm.stack === undefined && parameters.indexOf(norm) < firstLayer,
  );
  const dense = parameters.filter(
    (parameter) => parameter.stack === undefined && writesFrom(layout, parameter, space),
  );
  const scales = parameters.filter(
    (parameter) => elementSpaces(parameter).includes(space) && isBranchScale(layout, parameter),
  );
  const notItsOutput = "the mean of a norm's outputs is not its output";
  return [
    ...afterSums.map((stack) => `norms of ${stack} stand after the sums: ${notItsOutput}`),
    ...before.map(({ name }) => `${name} stands before the layers: ${notItsOutput}`),
    ...dense.map(({ name }) => `a nonlinearity lies between ${name} and the norm behind it`),
    ...scales.map(({ name }) => `${name} scales a branch per channel`),
  ];
}

/** Whether a parameter is a matrix that writes a space from another one that grows. */
function writesFrom(layout: Layout, { axes }: Parameter, space: string): boolean {
  return (
    axes.some((axis) => axis.role === "out" && axisSpaces(axis).includes(space)) &&
    axes.some(
      (axis) => axis.role === "in" && axisSpaces(axis).some((name) => spaceOf(layout, name).grows),
    )
  );
}
