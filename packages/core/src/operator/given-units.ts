import { axisSpaces } from "../layout/layout-names.js";
import type { Axis, Role } from "../layout/layout.js";
import type { PlannedSpace } from "../plan/planned-spaces.js";
import type { PlannedTensor } from "../plan/plan.js";
import { keptUnits } from "../plan/select-units.js";
import { unmadeUnits } from "../plan/unit-picks.js";
import type { GivenNumbers } from "./given-numbers.js";
import type { Matrix, MatrixShape } from "./operator.js";

/**
 * Units whose numbers an operator holds: `fresh.<tensor>`, [units, channels], is what the first new units of the space that a tensor
 * reads write by it, a row for each. What they read by is zero.
 */
export interface GivenUnits {
  /** The tensors of the operator by name. */
  readonly shapes: ReadonlyMap<string, MatrixShape>;
  /** Reads one of them. */
  readonly map: GivenNumbers["map"];
}

/** Name of the numbers that new units write by a tensor of the target. */
export const givenName = (tensor: string): string => `fresh.${tensor}`;

/** Whether a tensor of an operator holds what new units write. */
export const isGivenUnits = (name: string): boolean => name.startsWith("fresh.");

/** A matrix of a layer whose new units may be given: where they stand along its axes. */
export interface UnitColumns {
  /** The space of the units. */
  readonly space: string;
  /** Indices of the new units. */
  readonly units: readonly number[];
  readonly inAxis: number;
  readonly outAxis: number;
}

/** The new units that a matrix of a layer reads, each in its own column; `undefined` where there are none. */
export function unitColumns(
  { layer, parameter, shape }: PlannedTensor,
  spaces: ReadonlyMap<string, PlannedSpace>,
): UnitColumns | undefined {
  const [inAxis, outAxis] = [axisOf(parameter.axes, "in"), axisOf(parameter.axes, "out")];
  if (layer === undefined || shape.length !== 2 || inAxis < 0 || outAxis < 0) return undefined;
  const read = onlySpace(parameter.axes[inAxis]);
  const space = spaces.get(read ?? "");
  if (read === undefined || space === undefined || space.newSize <= space.oldSize) return undefined;
  return { space: read, units: unmadeUnits(keptUnits(space)), inAxis, outAxis };
}

/** Adds what given units write to the numbers of a tensor, row-major. */
export async function addGivenUnits(
  data: Float32Array,
  { name, shape }: PlannedTensor,
  { inAxis, outAxis, units }: UnitColumns,
  { map }: GivenUnits,
): Promise<void> {
  const given = await map(givenName(name), "whole");
  if (given === undefined) return;
  const { columns, data: numbers, rows }: Matrix = given.matrix;
  const [inStride, outStride] = inAxis === 0 ? [shape[outAxis] ?? 1, 1] : [1, shape[inAxis] ?? 1];
  for (const [row, unit] of units.slice(0, rows).entries()) {
    for (let channel = 0; channel < columns; channel++) {
      const index = unit * inStride + channel * outStride;
      data[index] = (data[index] as number) + (numbers[row * columns + channel] as number);
    }
  }
}

const axisOf = (axes: readonly Axis[], role: Role): number =>
  axes.findIndex((axis) => axis.role === role);

function onlySpace(axis: Axis | undefined): string | undefined {
  const spaces = axis === undefined ? [] : axisSpaces(axis);
  return spaces.length === 1 ? spaces[0] : undefined;
}
