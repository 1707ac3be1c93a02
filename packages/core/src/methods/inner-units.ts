import { MethodError } from "../errors/method-error.js";
import {
  expandLayout,
  fillLayer,
  isOwned,
  presentLayers,
  roleSpaces,
} from "../layout/layout-names.js";
import type { Layout, Parameter, Role } from "../layout/layout.js";
import { branchScaleOf } from "../layout/norms.js";
import { writesResidual } from "../layout/residual.js";
import type { Matrix } from "../operator/operator.js";
import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import { elementCount } from "../shape.js";
import type { ReadSource } from "../stream/read-source.js";
import type { ProbedModel } from "./method.js";

/** An MLP of a stack whose units become more: the source's matrices that write them and read them. */
export interface GrowingMlp {
  /** The source's space of the units. */
  readonly space: string;
  readonly writer: Parameter;
  readonly reader: Parameter;
  /** Channels that the reader writes. */
  readonly channels: number;
  /** Units that are added. */
  readonly added: number;
}

/** The MLPs of a plan that get more units. Throws `method/gated` where units are products of two. */
export function growingMlps(plan: Plan): readonly GrowingMlp[] {
  return [...plannedSpaces(plan).values()].flatMap((space) => {
    // heads are products
    const isInner = space.stack !== undefined && space.space.factors === undefined;
    if (!isInner || space.newSize <= space.oldSize) return [];
    const matrices = plan.target.parameters.filter(
      (one) => isOwned(one) && one.stack !== undefined && one.axes.length === 2,
    );
    const [reader] = matrices.filter(
      (one) => uses(one, "in", space.name) > 0 && writesResidual(plan.target, one),
    );
    const writers = matrices.filter((one) => uses(one, "out", space.name) > 0);
    const [writer] = writers;
    if (reader === undefined || writer === undefined) return [];
    if (writers.length > 1 || uses(writer, "out", space.name) > 1) throw gated(space);
    return [mlpOf(plan, space, { reader, writer })];
  });
}

/** How often an axis of a role has a space. */
const uses = (parameter: Parameter, role: Role, space: string): number =>
  roleSpaces(parameter, role).filter((name) => name === space).length;

function mlpOf(
  plan: Plan,
  { newSize, oldSize }: PlannedSpace,
  target: { readonly reader: Parameter; readonly writer: Parameter },
): GrowingMlp {
  const sourceOf = ({ name }: Parameter, other: Parameter): Parameter =>
    plan.tensors.find(({ parameter }) => parameter.name === name)?.sourceParameter ?? other;
  const reader = sourceOf(target.reader, target.reader);
  const spaceAt = (role: Role): string => roleSpaces(reader, role)[0] ?? "";
  return {
    space: spaceAt("in"),
    reader,
    writer: sourceOf(target.writer, target.writer),
    channels: plan.source.spaces[spaceAt("out")]?.size ?? 0,
    added: newSize - oldSize,
  };
}

function gated({ name }: PlannedSpace): MethodError {
  return new MethodError(
    "method/gated",
    `Units of "${name}" are products of two, of which each has a gradient only where the other is not zero: no gradient says what ` +
      'new units that start at zero should write. Grow by `method: "lossless-fresh"`.',
    { expected: "an MLP without gates", actual: `gates of "${name}"` },
  );
}

/**
 * The source with one more unit for every channel that its MLPs write: it reads by zeros and writes this channel by 1. Wanted are the
 * gradients of what writes and reads these units. The gradient of what writes unit k is row k of dL/dy x^T, times the slope of
 * the activation at 0, where x is what the MLP reads and y what it writes.
 */
export async function withProbingUnits(
  { source }: Plan,
  mlps: readonly GrowingMlp[],
  read: ReadSource,
): Promise<ProbedModel> {
  const weights = new Map<string, Float32Array>();
  for (const { name, parameter, shape } of expandLayout(source)) {
    if (!isOwned(parameter)) continue;
    const data = await read(name, new Float32Array(elementCount(shape)), 0);
    const mlp = mlps.find(({ space }) => parameter.axes.some((axis) => axis.space === space));
    weights.set(name, mlp === undefined ? data : withUnits(data, parameter, shape, mlp));
  }
  const wanted = mlps.flatMap(({ reader, writer }) =>
    [writer, reader].flatMap((parameter) => tensorNames(source, parameter)),
  );
  return { layout: widened(source, mlps), weights, wanted };
}

const tensorNames = (layout: Layout, parameter: Parameter): readonly string[] =>
  presentLayers(layout, parameter).map((layer) => fillLayer(parameter.name, layer));

function widened(source: Layout, mlps: readonly GrowingMlp[]): Layout {
  const wider = mlps.flatMap(({ channels, space: name }) => {
    const { [name]: space } = source.spaces;
    return space === undefined ? [] : [[name, { ...space, size: space.size + channels }] as const];
  });
  return { ...source, spaces: { ...source.spaces, ...Object.fromEntries(wider) } };
}

/** A tensor with more units along an axis: zeros, and ones where the reader writes the channel of a unit. */
function withUnits(
  data: Float32Array,
  { axes, name }: Parameter,
  shape: readonly number[],
  { channels, reader, space }: GrowingMlp,
): Float32Array {
  const axis = axes.findIndex((one) => one.space === space);
  const [size = 1, before, after] = [
    shape[axis],
    elementCount(shape.slice(0, axis)),
    elementCount(shape.slice(axis + 1)),
  ];
  const wider = new Float32Array(before * (size + channels) * after);
  for (let row = 0; row < before; row++)
    wider.set(
      data.subarray(row * size * after, (row + 1) * size * after),
      row * (size + channels) * after,
    );
  if (name !== reader.name) return wider;
  for (let unit = 0; unit < channels; unit++) {
    const [row, column] = axis === 0 ? [size + unit, unit] : [unit, size + unit];
    wider[row * (axis === 0 ? after : size + channels) + column] = 1;
  }
  return wider;
}

/** A layer's MLP as it was probed. */
export interface ProbedLayer {
  /** Name of the tensor that reads the units. */
  readonly name: string;
  /** dL/dy x^T, [channels, inputs], times the slope of the activation at 0. */
  readonly slope: Matrix;
  /** Whether units that read nothing write nothing. */
  readonly isSilent: boolean;
  /** Mean length of what an old unit writes. */
  readonly length: number;
  /** What scales the channels that it writes (LayerScale), [1, channels] in units of its root mean square; absent where nothing does. */
  readonly scale?: Matrix;
}

/** The layers of an MLP, from the gradients of a {@link withProbingUnits}. */
export function probedLayers(
  { layout, weights }: ProbedModel,
  { channels, reader, space, writer }: GrowingMlp,
  gradients: ReadonlyMap<string, Float32Array>,
): readonly ProbedLayer[] {
  const units = layout.spaces[space]?.size ?? 0;
  const old = units - channels;
  const scale = branchScaleOf(layout, reader);
  return presentLayers(layout, reader).map((layer) => {
    const name = fillLayer(reader.name, layer);
    const rowsOf = (parameter: Parameter, numbers: ReadonlyMap<string, Float32Array>): Matrix => {
      const isAcross = parameter.axes[1]?.space === space;
      return byUnit(numbers.get(fillLayer(parameter.name, layer)), units, isAcross);
    };
    const written = rowsOf(reader, weights);
    const slope = rowsOf(writer, gradients);
    const { columns } = slope;
    return {
      name,
      slope: { rows: channels, columns, data: slope.data.slice(old * columns) },
      isSilent: rowsOf(reader, gradients)
        .data.subarray(old * channels)
        .every((value) => value === 0),
      length: meanLength({ ...written, rows: old }),
      ...(scale && { scale: unitScale(weights.get(fillLayer(scale.name, layer))) }),
    };
  });
}

/** A matrix with a row for each unit, of one that has these rows or, across, columns. */
function byUnit(
  given: Float32Array = new Float32Array(0),
  units: number,
  isAcross: boolean,
): Matrix {
  const columns = given.length / units;
  if (!isAcross) return { rows: units, columns, data: given };
  const turned = new Float32Array(given.length);
  for (let row = 0; row < columns; row++)
    for (let unit = 0; unit < units; unit++)
      turned[unit * columns + row] = given[row * units + unit] as number;
  return { rows: units, columns, data: turned };
}

function unitScale(data: Float32Array = new Float32Array(0)): Matrix {
  const square = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  // a branch that nothing comes of is scaled by nothing
  const unit = Math.sqrt(square) || 1;
  return { rows: 1, columns: data.length, data: data.map((value) => value / unit) };
}

function meanLength({ columns, data, rows }: Matrix): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let square = 0;
    for (const value of data.subarray(row * columns, (row + 1) * columns)) square += value * value;
    sum += Math.sqrt(square);
  }
  return sum / Math.max(1, rows);
}
