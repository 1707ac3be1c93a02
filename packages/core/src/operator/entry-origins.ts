import { spaceOf } from "../layout/layout-names.js";
import { plannedSegments } from "../plan/planned-spaces.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import { oldRow, type RowGrowth } from "../plan/row-growth.js";
import { expressionFor, sideOf, type OperatorNames } from "./expressions.js";
import type { Expression } from "./expression.js";
import { forwardRows, type ForwardRows } from "./forward-rows.js";
import { hasWeight, reachedRows } from "./fresh-entries.js";
import type { GivenNumbers } from "./given-numbers.js";
import { interleavedRuns, interleavingOf } from "./interleaving.js";
import { elementCount } from "../shape.js";
import { copiedSource, keptLayers } from "./kept-layers.js";
import { depthName } from "./operator-tensors.js";
import type { PickedRows } from "./picked-rows.js";

/** A row of an axis: made anew or of several, a further copy of an old one, or the first copy of it. */
export const ORIGIN = { new: 0, copy: 1, first: 2 } as const;

/**
 * The origins of the entries of a grown tensor, axis by axis: an entry is the first copy of one of the source where every row that
 * it stands in is, and a copy where every row is at least that. `axes` is absent where no entry copies one alone.
 */
export interface TensorOrigins {
  readonly name: string;
  readonly shape: readonly number[];
  /** {@link ORIGIN} of every row of an axis, as it is stored. */
  readonly axes?: readonly Uint8Array[];
}

/**
 * The origins of all entries of a grown model, by the maps of its operator: no numbers of a tensor are read. Layers that were added
 * are new, whatever they copy.
 *
 * @param map reads maps of the operator
 * @param growths tables whose rows grow before the maps
 */
export async function entryOrigins(
  plan: Plan,
  operator: OperatorNames,
  map: GivenNumbers["map"],
  growths: readonly RowGrowth[] = [],
): Promise<readonly TensorOrigins[]> {
  if (operator.widthScope === "block")
    return plan.tensors.map(({ name, shape }) => ({ name, shape }));
  const forward = forwardRows(plan, operator, map);
  const kept = await keptLayers(plan, operator, map);
  const origins: TensorOrigins[] = [];
  for (const tensor of plan.tensors) {
    const { layer, name, parameter, shape } = tensor;
    const isAdded =
      parameter.stack !== undefined && kept.get(parameter.stack)?.[layer ?? 0] === undefined;
    if (isAdded || !(await isCopied(tensor, operator, map))) {
      origins.push({ name, shape });
      continue;
    }
    const axes = await axisOrigins({ tensor, plan, operator, forward, growths }, kept);
    const alone = await withoutOthers(axes, expressionFor(tensor, plan, operator), map);
    origins.push({ name, shape, axes: storedOrder(alone, tensor, plan) });
  }
  return origins;
}

/** Number of entries of a tensor that are copies, or first copies, of one entry of the source. */
export function countEntries({ axes }: TensorOrigins, least: number): number {
  if (axes === undefined) return 0;
  return axes.reduce((count, rows) => count * rows.filter((row) => row >= least).length, 1);
}

/** 1 for every entry of a tensor, row-major, that is at least so much a copy; 0 for others. */
export function entriesFrom(
  { axes, shape }: Pick<TensorOrigins, "axes" | "shape">,
  least: number,
): Uint8Array {
  const entries = new Uint8Array(elementCount(shape));
  if (axes === undefined) return entries;
  const fill = (axis: number, start: number, count: number): void => {
    const rows = axes[axis];
    if (rows === undefined) {
      entries[start] = 1;
      return;
    }
    const stride = count / rows.length;
    for (const [row, origin] of rows.entries())
      if (origin >= least) fill(axis + 1, start + row * stride, stride);
  };
  fill(0, 0, entries.length);
  return entries;
}

/** Whether a coefficient outside stacks, or a row of depth, has one source. */
async function isCopied(
  { layer = 0, parameter }: PlannedTensor,
  operator: OperatorNames,
  map: GivenNumbers["map"],
): Promise<boolean> {
  const name = depthName(0, parameter.name);
  if (!operator.has(name)) return parameter.stack === undefined;
  const matrix = (await map(name, "whole"))?.matrix;
  return matrix !== undefined && copiedSource(matrix, layer) !== undefined;
}

interface AxisQuestion {
  readonly tensor: PlannedTensor;
  readonly plan: Plan;
  readonly operator: OperatorNames;
  readonly forward: ForwardRows;
  readonly growths: readonly RowGrowth[];
}

async function axisOrigins(
  { forward, growths, operator, plan, tensor }: AxisQuestion,
  kept: ReadonlyMap<string, readonly (number | undefined)[]>,
): Promise<readonly Uint8Array[]> {
  const { layer, parameter } = tensor;
  const sourceLayer = kept.get(parameter.stack ?? "")?.[layer ?? 0];
  const axes: Uint8Array[] = [];
  for (const [index, axis] of parameter.axes.entries()) {
    const parts: Uint8Array[] = [];
    for (const { newSize, space: name } of plannedSegments(plan, tensor, index)) {
      const space = spaceOf(plan.target, name);
      if (axis.role === "fixed" || !space.grows) {
        const growth = growths.find((one) => one.space === name);
        parts.push(rowOrigins(newSize, growth));
        continue;
      }
      const isLayered = space.scope === "layer" && operator.widthScope !== "model";
      const at = operator.widthScope === "source-layer" ? sourceLayer : layer;
      const rows = await forward.rows(name, sideOf(tensor, axis), isLayered ? at : undefined);
      parts.push(pickedOrigins(rows));
    }
    axes.push(Uint8Array.from(parts.flatMap((part) => [...part])));
  }
  return axes;
}

function rowOrigins(size: number, growth: RowGrowth | undefined): Uint8Array {
  return Uint8Array.from({ length: size }, (_, row) =>
    growth === undefined || oldRow(growth, row) >= 0 ? ORIGIN.first : ORIGIN.new,
  );
}

function pickedOrigins({ column, columns }: PickedRows): Uint8Array {
  const taken = new Uint8Array(columns);
  return Uint8Array.from(column, (unit) => {
    if (unit < 0) return ORIGIN.new;
    const isFirst = taken[unit] === 0;
    taken[unit] = 1;
    return isFirst ? ORIGIN.first : ORIGIN.copy;
  });
}

/** The rows that no further term reaches: on the axis where the most are left. */
async function withoutOthers(
  axes: readonly Uint8Array[],
  { shape, terms }: Expression,
  map: GivenNumbers["map"],
): Promise<readonly Uint8Array[]> {
  let alone = axes;
  for (const term of terms.slice(1)) {
    if (!(await hasWeight(term, { map }))) continue;
    const choices: Uint8Array[] = [];
    for (const [axis, size] of shape.entries()) {
      const reached = await reachedRows(term, axis, size, { map });
      choices.push((alone[axis] ?? new Uint8Array(0)).map((row, at) => (reached[at] ? 0 : row)));
    }
    const share = (rows: Uint8Array): number => rows.filter(Boolean).length / rows.length;
    const shares = choices.map(share);
    const best = shares.indexOf(Math.max(...shares));
    alone = alone.map((rows, axis) => (axis === best ? (choices[axis] ?? rows) : rows));
  }
  return alone;
}

function storedOrder(
  axes: readonly Uint8Array[],
  { parameter }: PlannedTensor,
  plan: Plan,
): readonly Uint8Array[] {
  const interleaving = interleavingOf(plan.target, parameter);
  const [first, ...rest] = axes;
  if (interleaving === undefined || first === undefined) return axes;
  const stored = new Uint8Array(first.length);
  for (const { count, own, stored: at } of interleavedRuns(interleaving))
    stored.set(first.subarray(own, own + count), at);
  return [stored, ...rest];
}
