import { axisSpaces, spaceOf } from "../layout/layout-names.js";
import type { Layout, Parameter } from "../layout/layout.js";
import {
  branchScaleOf,
  elementSpaces,
  hasRmsNorms,
  isBranchScale,
  isStream,
  normsBySpace,
} from "../layout/norms.js";
import { writesResidual } from "../layout/residual.js";
import type { PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import { widened } from "./change-reasons.js";
import type { NormFacts } from "./method.js";

/** Share of a space's new units that are copies where the rest hold the mean of the old ones: k D1 / D2. */
export function filled({ oldSize, newSize }: Pick<PlannedSpace, "oldSize" | "newSize">): number {
  return (newSize - (newSize % oldSize)) / newSize;
}

/** A way to fill what is left of a space under a norm. */
interface Padding {
  /** Share of the mean square that the norm still finds; 1 where nothing is left. */
  readonly share: (space: PlannedSpace) => number;
  /** `embed: 576 becomes 768, no multiple`. */
  readonly becomes: (space: PlannedSpace) => string;
  /** What norms of heads make of it. */
  readonly ofHeads: string;
  /** Whether what scales a branch per channel is made up for, and an epsilon that is fixed. */
  readonly isMadeUpFor: boolean;
}

/** Width: copies of all units, and what is left holds the mean of the old ones, or zeros. */
export const paddingChanges = (plan: Plan, architecture?: NormFacts): readonly string[] =>
  normChanges(plan, architecture, {
    share: filled,
    becomes: ({ name, newSize, oldSize }) => `${name}: ${oldSize} becomes ${newSize}, no multiple`,
    ofHeads: "norms of heads count each copy",
    isMadeUpFor: false,
  });

/** Width: new channels hold the mean of the old ones, or zeros. */
export const freshChannelChanges = (plan: Plan, architecture?: NormFacts): readonly string[] =>
  normChanges(plan, architecture, {
    share: ({ newSize, oldSize }) => oldSize / newSize,
    becomes: ({ name, newSize, oldSize }) => `${name}: ${oldSize} becomes ${newSize}`,
    ofHeads: "norms of heads run over new channels of queries too",
    isMadeUpFor: true,
  });

/**
 * Width: spaces under a norm. A mean has to stay the mean from what writes the space up to the norm, and the epsilon of the norm
 * has to shrink with the variance.
 */
function normChanges(
  plan: Plan,
  architecture: NormFacts | undefined,
  { becomes, isMadeUpFor, ofHeads, share }: Padding,
): readonly string[] {
  const norms = normsBySpace(plan.target);
  const changed = widened(plan).filter((space) => norms.has(space.name) && share(space) !== 1);
  const padded = changed.filter(({ name }) => isStream(plan.target, name));
  const reasons = padded
    .filter(({ name }) => !hasRmsNorms(plan.target, name))
    .flatMap((space) =>
      interruptions(plan.target, space.name, norms.get(space.name) ?? [], isMadeUpFor).map(
        (reason) => `${becomes(space)}, and ${reason}`,
      ),
    );
  for (const space of changed.filter(({ name }) => !isStream(plan.target, name)))
    reasons.push(`${becomes(space)}, and ${ofHeads}`);
  const [first] = padded;
  if (new Set(padded.map(share)).size > 1)
    reasons.push("norms over spaces that grow by different ratios would each need an epsilon");
  const isScaled = isMadeUpFor && plan.target.normEpsilon === "fixed";
  const isFixed = architecture !== undefined && architecture.normEpsilon === undefined;
  if (first !== undefined && isFixed && !isScaled)
    reasons.push(
      `${becomes(first)}, and the config has no epsilon of the norms to multiply by ${share(first)}`,
    );
  return reasons;
}

/** The places where the mean of a space's units is not the unit that would be computed from their mean. */
function interruptions(
  layout: Layout,
  space: string,
  norms: readonly Parameter[],
  scalesAllowed: boolean,
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
  const madeUpFor = new Set(scalesAllowed ? branchScales(layout) : []);
  const scales = parameters.filter(
    (parameter) =>
      elementSpaces(parameter).includes(space) &&
      isBranchScale(layout, parameter) &&
      !madeUpFor.has(parameter),
  );
  const notItsOutput = "the mean of a norm's outputs is not its output";
  return [
    ...afterSums.map((stack) => `norms of ${stack} stand after the sums: ${notItsOutput}`),
    ...before.map(({ name }) => `${name} stands before the layers: ${notItsOutput}`),
    ...dense.map(({ name }) => `a nonlinearity lies between ${name} and the norm behind it`),
    ...scales.map(({ name }) => `${name} scales a branch per channel`),
  ];
}

/** The scales whose branches are known. */
function branchScales(layout: Layout): readonly Parameter[] {
  return layout.parameters.flatMap((parameter) => branchScaleOf(layout, parameter) ?? []);
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
