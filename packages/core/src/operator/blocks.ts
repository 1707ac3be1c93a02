import { PlanError } from "../errors/plan-error.js";
import { axisSpaces, spaceOf } from "../layout/layout-names.js";
import type { Axis, Layout, Parameter } from "../layout/layout.js";
import { writesResidual } from "../layout/residual.js";
import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";

/**
 * A square block of a matrix [embed, embed] in the source: queries, keys, values and outputs of attention are one, the two
 * matrices of an MLP as many as its inner space is times as large.
 */
export interface Block {
  /** Parameter name with `{i}`, as the source has it. */
  readonly parameter: string;
  /** Storage axis of its outputs; the other one is that of its inputs. */
  readonly outAxis: 0 | 1;
  /** Index along the outputs, and along the inputs. */
  readonly out: number;
  readonly in: number;
}

/**
 * The space whose size the blocks have: what the layers of the stacks write to, the residual stream. It has no heads here,
 * so that units are chosen one by one.
 *
 * Throws `plan/no-blocks` where there is none, or another grown space is not the same whole number of blocks in source and
 * target.
 */
export function blockSpace(plan: Pick<Plan, "source" | "target" | "tensors">): PlannedSpace {
  const { source, target } = plan;
  const writer = target.parameters.find((one) => writesResidual(target, one));
  const name = (writer?.axes ?? [])
    .filter(({ role }) => role === "out")
    .flatMap(axisSpaces)
    .find((one) => spaceOf(target, one).scope === "model");
  if (name === undefined) {
    throw noBlocks(target, "a stack that writes a residual stream", "none");
  }
  const { factors: _, ...space } = spaceOf(target, name);
  const [oldBlock, newBlock] = [spaceOf(source, name).size, space.size];
  for (const one of plannedSpaces(plan).values()) {
    if (!one.space.grows) continue;
    const count = one.oldSize / oldBlock;
    if (Number.isInteger(count) && one.newSize === count * newBlock) continue;
    throw noBlocks(
      target,
      `${one.name} in whole blocks of ${oldBlock} and as many of ${newBlock}`,
      `${one.oldSize} and ${one.newSize}`,
    );
  }
  return { name, space, oldSize: oldBlock, newSize: newBlock, isRead: true };
}

function noBlocks({ className }: Layout, expected: string, actual: string): PlanError {
  return new PlanError(
    "plan/no-blocks",
    `The matrices of ${className} cannot be cut into square blocks to mix: expected ${expected}, found ${actual}.`,
    { expected, actual },
  );
}

/** The blocks of all matrices of a stack, in the order of its parameters. */
export function stackBlocks(layout: Layout, stack: string, size: number): readonly Block[] {
  return layout.parameters
    .filter((parameter) => parameter.stack === stack)
    .flatMap((parameter) => parameterBlocks(layout, parameter, size));
}

/** The blocks of a parameter, output by output; none where it is no matrix between grown spaces. */
export function parameterBlocks(
  layout: Layout,
  { name, axes }: Parameter,
  size: number,
): readonly Block[] {
  const outAxis = axes.findIndex(({ role }) => role === "out");
  const inAxis = axes.findIndex(({ role }) => role === "in");
  if (axes.length !== 2 || outAxis < 0 || inAxis < 0) return [];
  const count = (axis: Axis | undefined): number =>
    axis === undefined
      ? 0
      : axisSpaces(axis).reduce((sum, space) => sum + spaceOf(layout, space).size, 0) / size;
  return Array.from({ length: count(axes[outAxis]) }, (_, out) =>
    Array.from({ length: count(axes[inAxis]) }, (__, input) => ({
      parameter: name,
      outAxis: outAxis === 0 ? (0 as const) : (1 as const),
      out,
      in: input,
    })),
  ).flat();
}
