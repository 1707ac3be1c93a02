import { axisSpaces } from "../layout/layout-names.js";
import type { Parameter, Role } from "../layout/layout.js";
import type { PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import { selectUnits } from "../plan/select-units.js";
import { keptPick } from "../plan/unit-picks.js";
import { elementCount } from "../shape.js";
import { writeScale } from "./new-units.js";
import type { ReadTensor } from "./own-numbers.js";

/** A weight or bias of a branch whose outputs are scaled channel by channel. */
export interface ScaledBranch {
  readonly tensor: PlannedTensor;
  /** The source tensor that it is made of. */
  readonly source: string;
  readonly scale: Parameter;
  /** Whether each channel that it writes is new. */
  readonly isNew: readonly boolean[];
  readonly spaces: ReadonlyMap<string, PlannedSpace>;
  readonly read: ReadTensor;
}

/**
 * Makes rows of new channels, which are means of the old ones, such that they are the mean of these once a scale l has been applied:
 * sum_u (l_u / l' - 1) W_u / d is added, with l' the root mean square of l, which new channels start with.
 */
export async function addScaledMean(
  data: Float32Array,
  branch: ScaledBranch,
  plan: Pick<Plan, "target" | "tensors">,
): Promise<void> {
  const { isNew, tensor } = branch;
  const { parameter, shape } = tensor;
  const row = await lackingRow(branch, plan);
  const written = spaceOfAxis(branch, "out");
  const scale = written === undefined ? 1 : writeScale(plan.target, written);
  const inAxis = parameter.axes.findIndex(({ role }) => role === "in");
  const newIn = inAxis < 0 ? 1 : (shape[inAxis] ?? 1);
  const [firstStride, lastStride] = inAxis === 0 ? [1, isNew.length] : [newIn, 1];
  const sources = oldUnits(spaceOfAxis(branch, "in"));
  for (const [out, isOwn] of isNew.entries()) {
    if (!isOwn) continue;
    for (let into = 0; into < newIn; into++) {
      const index = out * firstStride + into * lastStride;
      const added = (sources?.[into] ?? [{ unit: into, share: 1 }]).reduce(
        (sum, { share, unit }) => sum + share * (row[unit] ?? 0),
        0,
      );
      data[index] = (data[index] as number) + scale * added;
    }
  }
}

/** sum_u (l_u / l' - 1) W_u / d, in the source's width. */
async function lackingRow(
  { read, scale, source, tensor }: ScaledBranch,
  { tensors }: Pick<Plan, "tensors">,
): Promise<Float64Array> {
  const { parameter, sourceShape, sources } = tensor;
  const outAxis = parameter.axes.findIndex(({ role }) => role === "out");
  const size = sourceShape[outAxis] ?? 1;
  const columns = elementCount(sourceShape) / size;
  const [outStride, inStride] = outAxis === 0 ? [columns, 1] : [1, size];
  const planned = tensors.find(({ parameter: one }) => one.name === scale.name);
  const scales = await read(planned?.sources[sources.indexOf(source)] ?? "", size);
  const unit = Math.sqrt(scales.reduce((sum, value) => sum + value * value, 0) / size);
  const weights = await read(source, elementCount(sourceShape));
  const row = new Float64Array(columns);
  // a branch that nothing comes of writes the mean of nothing
  if (unit === 0) return row;
  for (let out = 0; out < size; out++) {
    const lacking = ((scales[out] as number) / unit - 1) / size;
    for (let column = 0; column < columns; column++)
      row[column] =
        (row[column] as number) +
        lacking * (weights[out * outStride + column * inStride] as number);
  }
  return row;
}

interface OldUnit {
  readonly unit: number;
  readonly share: number;
}

function spaceOfAxis({ spaces, tensor }: ScaledBranch, role: Role): PlannedSpace | undefined {
  const axis = tensor.parameter.axes.find((one) => one.role === role);
  return axis === undefined ? undefined : spaces.get(axisSpaces(axis)[0] ?? "");
}

/** The old units that each unit of a space stands for on the reading side; `undefined` where there is no space. */
function oldUnits(space: PlannedSpace | undefined): readonly (readonly OldUnit[])[] | undefined {
  if (space === undefined) return undefined;
  const { copies, old } = selectUnits(space, keptPick);
  return old.map((units) => units.map((unit) => ({ unit, share: 1 / (copies[unit] ?? 1) })));
}
