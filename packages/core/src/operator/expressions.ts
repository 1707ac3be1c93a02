import type { Expression, ExpressionTerm, KindMix, SegmentMap } from "./expression.js";
import { presentLayers, spaceOf } from "../layout/layout-names.js";
import { carriedSpread } from "./carried-spread.js";
import { interleavingOf } from "./interleaving.js";
import type { Axis } from "../layout/layout.js";
import { blockSpace, parameterBlocks, stackBlocks } from "./blocks.js";
import { BLOCK, checkForm, depthName, kindsName, mapName, type Side } from "./operator-tensors.js";
import type { Operator, OperatorForm } from "./operator.js";
import { missingTensor } from "./operator-errors.js";
import type { StoredOperator } from "./stored-operator.js";
import { plannedSegments, type PlannedSegment } from "../plan/planned-spaces.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";

/** The part of an operator that expressions are made from: its form and the names of its tensors, not its numbers. */
export interface OperatorNames extends OperatorForm {
  /** Number of terms of the sum. */
  readonly terms: number;
  /** Whether the operator holds a tensor of this name. */
  has(name: string): boolean;
}

/** The names of an operator. */
export function operatorNames(operator: Operator | StoredOperator): OperatorNames {
  const { order, widthScope, terms, tensors } = operator;
  return { order, widthScope, terms, has: (name) => tensors.has(name) };
}

/** The expressions of all tensors of a plan, in its order. */
export function expressions(plan: Plan, operator: OperatorNames): readonly Expression[] {
  checkForm(operator);
  return plan.tensors.map((tensor) => expressionFor(tensor, plan, operator));
}

/**
 * The operator tensors that make one target tensor: axes that write a space take its `width` map, axes that read
 * it (and a folded readout norm) its `read` map where there is one, those that scale it its `elem` map; depth takes the tensor's layer as row.
 *
 * Throws `operator/missing-tensor` where a map that is needed is not there.
 */
export function expressionFor(
  tensor: PlannedTensor,
  plan: Plan,
  operator: OperatorNames,
): Expression {
  const { parameter, sourceParameter = parameter } = tensor;
  const { offset } = parameter;
  const factor = sizeFactor(tensor, plan);
  const source = interleavingOf(plan.source, sourceParameter);
  const target = interleavingOf(plan.target, parameter);
  return {
    ...(source === undefined || target === undefined ? {} : { interleaved: { source, target } }),
    ...(offset === undefined ? {} : { offset }),
    ...(factor === 1 ? {} : { factor }),
    name: tensor.name,
    parameter: tensor.parameter.name,
    shape: tensor.shape,
    sourceShape: tensor.sourceShape,
    sources: tensor.sources,
    order: operator.order,
    terms: Array.from({ length: operator.terms }, (_, term) =>
      expressionTerm(tensor, plan, operator, term),
    ),
  };
}

/**
 * The old over the new factor that the model multiplies a parameter by. The norm before a readout that is tied to such a
 * parameter makes up for it there.
 */
function sizeFactor(tensor: PlannedTensor, { source, target }: Plan): number {
  const ratio = (name: string): number => {
    const [before, after] = [source, target].map(({ parameters }) =>
      parameters.find((one) => one.name === name),
    );
    return (before?.multiplier ?? 1) / (after?.multiplier ?? 1);
  };
  const { multiplier, name, readout } = tensor.parameter;
  if (multiplier !== undefined) return ratio(name);
  if (readout !== true) return 1;
  const tied = target.parameters.find(({ tiedTo }) => tiedTo !== undefined)?.tiedTo;
  return tied === undefined ? 1 : 1 / ratio(tied);
}

function expressionTerm(
  tensor: PlannedTensor,
  plan: Plan,
  operator: OperatorNames,
  term: number,
): ExpressionTerm {
  const axes = tensor.parameter.axes.map((axis, index) => {
    const segments = plannedSegments(plan, tensor, index).flatMap((segment) =>
      operator.widthScope === "block"
        ? blockMaps(tensor, axis, segment, plan, operator, term)
        : segmentMap(tensor, axis, segment, plan, operator, term),
    );
    return segments.some(({ map }) => map !== undefined) ? segments : undefined;
  });
  const name = depthName(term, tensor.parameter.name);
  if (!operator.has(name)) {
    if (tensor.layer === undefined) return { axes };
    throw missingTensor(name, tensor.name);
  }
  const kinds = kindMix(tensor, plan, operator, term);
  return {
    depth: { tensor: name, row: tensor.layer ?? 0 },
    ...(kinds === undefined ? {} : { kinds }),
    axes,
  };
}

function segmentMap(
  tensor: PlannedTensor,
  axis: Axis,
  { space: name, oldSize, newSize }: PlannedSegment,
  plan: Plan,
  operator: OperatorNames,
  term: number,
): SegmentMap {
  const space = spaceOf(plan.target, name);
  if (axis.role === "fixed" || !space.grows) return { oldSize, newSize, map: undefined };

  const isLayered = space.scope === "layer" && operator.widthScope !== "model";
  const firstLayer = isLayered ? 0 : undefined;
  const own = sideOf(tensor, axis);
  const side: Side = operator.has(mapName(term, own, name, firstLayer)) ? own : "width";
  if (space.carries !== undefined && !operator.has(mapName(term, side, name, firstLayer))) {
    const of = { space: space.carries, ...carriedSizes(plan, space.carries) };
    const carried = segmentMap(tensor, axis, of, plan, operator, term);
    const spread = carriedSpread(plan.source.spaces[name] ?? space, space);
    if (carried.map === undefined && oldSize !== newSize)
      throw missingTensor(mapName(term, "width", space.carries, firstLayer), tensor.name);
    return { ...carried, oldSize, newSize, ...(spread === undefined ? {} : { spread }) };
  }

  if (isLayered && operator.widthScope === "source-layer") {
    const maps = presentLayers(plan.source, tensor.sourceParameter ?? tensor.parameter).map(
      (layer) => mapName(term, side, name, layer),
    );
    const missing = maps.filter((map) => !operator.has(map));
    if (missing.length === 0) return { oldSize, newSize, map: maps };
    if (missing.length < maps.length || oldSize !== newSize) {
      throw missingTensor(missing[0] ?? name, tensor.name);
    }
    return { oldSize, newSize, map: undefined };
  }

  const map = mapName(term, side, name, isLayered ? tensor.layer : undefined);
  if (operator.has(map)) return { oldSize, newSize, map };
  if (oldSize !== newSize) throw missingTensor(map, tensor.name);
  return { oldSize, newSize, map: undefined };
}

/** The side of a space that an axis stands on: a readout's norm is read with the readout. */
export function sideOf({ parameter }: Pick<PlannedTensor, "parameter">, { role }: Axis): Side {
  if (role === "elem") return parameter.readout === true ? "read" : "elem";
  return role === "in" ? "read" : "width";
}

function carriedSizes(plan: Plan, name: string): Pick<PlannedSegment, "oldSize" | "newSize"> {
  return { oldSize: spaceOf(plan.source, name).size, newSize: spaceOf(plan.target, name).size };
}

/** With `block` scope: a space as so many blocks, each grown by the one map. */
function blockMaps(
  { name: needed, parameter }: PlannedTensor,
  { role }: Axis,
  { space: name, oldSize, newSize }: PlannedSegment,
  plan: Plan,
  operator: OperatorNames,
  term: number,
): readonly SegmentMap[] {
  if (role === "fixed" || !spaceOf(plan.target, name).grows) {
    return [{ oldSize, newSize, map: undefined }];
  }
  const block = blockSpace(plan);
  const reads = role === "in" || (role === "elem" && parameter.readout === true);
  const side: Side = reads && operator.has(mapName(term, "read", BLOCK)) ? "read" : "width";
  const map = mapName(term, side, BLOCK);
  if (!operator.has(map)) throw missingTensor(map, needed);
  return Array.from({ length: oldSize / block.oldSize }, () => ({
    oldSize: block.oldSize,
    newSize: block.newSize,
    map,
  }));
}

/** With `block` scope: which blocks of the layer a matrix is mixed of. */
function kindMix(
  { name: needed, parameter, sourceParameter }: PlannedTensor,
  plan: Plan,
  operator: OperatorNames,
  term: number,
): KindMix | undefined {
  if (operator.widthScope !== "block" || parameter.stack === undefined) return undefined;
  const { oldSize: size } = blockSpace(plan);
  const own = parameterBlocks(plan.source, sourceParameter ?? parameter, size);
  if (own.length === 0) return undefined;
  const tensor = kindsName(term, parameter.stack);
  if (!operator.has(tensor)) throw missingTensor(tensor, needed);
  const blocks = stackBlocks(plan.source, parameter.stack, size);
  const first = blocks.findIndex((block) => block.parameter === own[0]?.parameter);
  return { tensor, blocks, own, first, size };
}
