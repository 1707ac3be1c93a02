import { axisSpaces, spaceOf } from "../layout/layout-names.js";
import { PlanError } from "../errors/plan-error.js";
import type { Factor, Pairing, Space } from "../layout/layout.js";
import type { Plan, PlannedTensor } from "./plan.js";

/** A target space with what the plan says of it. */
export interface PlannedSpace {
  readonly name: string;
  /** The space as the target layout has it. */
  readonly space: Space;
  readonly oldSize: number;
  readonly newSize: number;
  /** Its factors in the source. */
  readonly oldFactors?: readonly Factor[];
  /** Its inner product in the source. */
  readonly oldPairing?: Pairing;
  /** The stack whose layers count the maps of a space of scope `layer`. */
  readonly stack?: string;
  /** Whether any parameter reads it, as an `in` axis or as a folded readout. */
  readonly isRead: boolean;
}

/** A stretch of an axis that belongs to one space. */
export interface PlannedSegment {
  /** Name of the target space. */
  readonly space: string;
  readonly oldSize: number;
  readonly newSize: number;
}

/** Pairs the segments of one axis of a planned tensor with those of its source. Throws `plan/axes-differ`. */
export function plannedSegments(
  plan: Pick<Plan, "source" | "target">,
  tensor: Pick<PlannedTensor, "parameter" | "sourceParameter">,
  axis: number,
): readonly PlannedSegment[] {
  const targetAxis = tensor.parameter.axes[axis];
  const sourceAxis = (tensor.sourceParameter ?? tensor.parameter).axes[axis];
  const targetSpaces = targetAxis === undefined ? [] : axisSpaces(targetAxis);
  const sourceSpaces = sourceAxis === undefined ? [] : axisSpaces(sourceAxis);
  if (targetSpaces.length !== sourceSpaces.length) {
    throw new PlanError(
      "plan/axes-differ",
      `Axis ${axis} of "${tensor.parameter.name}" is made of ${sourceSpaces.length} spaces in the source ` +
        `and of ${targetSpaces.length} in the target.`,
      {
        tensor: tensor.parameter.name,
        expected: sourceSpaces.join(" + "),
        actual: targetSpaces.join(" + "),
      },
    );
  }
  return targetSpaces.map((space, segment) => ({
    space,
    oldSize: spaceOf(plan.source, sourceSpaces[segment] ?? space).size,
    newSize: spaceOf(plan.target, space).size,
  }));
}

/**
 * Every space that the planned tensors use, with its size before and after. A space the source lacks (the head of a
 * readout that was tied) takes the old size of what stands in its place.
 *
 * Throws `plan/space-conflict` where two parameters disagree on a space's old size, `plan/layer-space` where a space
 * of scope `layer` is used outside a stack or in two.
 */
export function plannedSpaces(
  plan: Pick<Plan, "source" | "target" | "tensors">,
): ReadonlyMap<string, PlannedSpace> {
  const spaces = new Map<string, PlannedSpace>();
  for (const tensor of plan.tensors) {
    // Layers of one parameter agree by construction.
    if ((tensor.layer ?? 0) > 0) continue;
    for (const [index, axis] of tensor.parameter.axes.entries()) {
      for (const segment of plannedSegments(plan, tensor, index)) {
        const isRead =
          axis.role === "in" || (axis.role === "elem" && tensor.parameter.readout === true);
        const known = spaces.get(segment.space);
        spaces.set(
          segment.space,
          known === undefined
            ? firstUse(plan, tensor, segment, isRead)
            : furtherUse(known, tensor, segment, isRead),
        );
      }
    }
  }
  return spaces;
}

function firstUse(
  plan: Pick<Plan, "source" | "target">,
  tensor: PlannedTensor,
  segment: PlannedSegment,
  isRead: boolean,
): PlannedSpace {
  const space = spaceOf(plan.target, segment.space);
  const { stack } = tensor.parameter;
  if (space.scope === "layer" && space.grows && stack === undefined) {
    throw layerSpace(segment.space, tensor, "a stack", "no stack");
  }
  const before = plan.source.spaces[segment.space];
  return {
    name: segment.space,
    space,
    oldSize: segment.oldSize,
    newSize: segment.newSize,
    isRead,
    ...(before?.factors === undefined ? {} : { oldFactors: before.factors }),
    ...(before?.pairing === undefined ? {} : { oldPairing: before.pairing }),
    ...(space.scope === "layer" && stack !== undefined ? { stack } : {}),
  };
}

function furtherUse(
  known: PlannedSpace,
  tensor: PlannedTensor,
  segment: PlannedSegment,
  isRead: boolean,
): PlannedSpace {
  if (known.oldSize !== segment.oldSize) {
    throw new PlanError(
      "plan/space-conflict",
      `"${tensor.parameter.name}" gives the space "${known.name}" the source size ${segment.oldSize}, ` +
        `another parameter ${known.oldSize}. One map cannot serve both.`,
      {
        tensor: tensor.parameter.name,
        expected: String(known.oldSize),
        actual: String(segment.oldSize),
      },
    );
  }
  if (
    known.space.scope === "layer" &&
    known.space.grows &&
    known.stack !== tensor.parameter.stack
  ) {
    throw layerSpace(
      known.name,
      tensor,
      `stack ${known.stack ?? "none"}`,
      tensor.parameter.stack === undefined ? "no stack" : `stack ${tensor.parameter.stack}`,
    );
  }
  return isRead && !known.isRead ? { ...known, isRead } : known;
}

function layerSpace(
  space: string,
  tensor: PlannedTensor,
  expected: string,
  actual: string,
): PlanError {
  return new PlanError(
    "plan/layer-space",
    `The space "${space}" has one map per layer, so only parameters of one stack can use it; ` +
      `"${tensor.parameter.name}" stands in ${actual}. Give it the scope "model" or a space of its own.`,
    { tensor: tensor.parameter.name, expected, actual },
  );
}
