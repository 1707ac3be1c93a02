import type { Plan, PlannedTensor } from "../plan/plan.js";
import type { Expression } from "./expression.js";
import { expressionFor, type OperatorNames } from "./expressions.js";
import { forwardRows, type ForwardRows } from "./forward-rows.js";
import type { GivenNumbers } from "./given-numbers.js";
import { copiedSource, keptLayers, type KeptLayers } from "./kept-layers.js";
import { classifyRows, type WidthMap } from "./map-rows.js";
import type { Matrix } from "./operator.js";
import { operatorTensors, type OperatorTensorInfo, type Side } from "./operator-tensors.js";
import { reweighted, weightAt, widthMapOf, type PickedRows } from "./picked-rows.js";
import { readingRows } from "./reading-rows.js";

/** The moments of an optimiser: running means of gradients, and of their squares. */
export type MomentOrder = "first" | "second";

/** The maps that take moments of a source to those of the grown model, named as those of weights are. */
export interface GradientMaps {
  readonly map: GivenNumbers["map"];
  /** How the moments of a tensor are made. */
  readonly expressionFor: (tensor: PlannedTensor) => Expression;
}

/**
 * The transposed sides of an operator. A growth that keeps the function has x' = B x and W' = B_out W R_in^T, so that
 * dL/dW' = (R_out dL/dx_out) (B_in x_in)^T: an axis that writes a space takes the map of gradients R of it, one that reads it the map
 * B of its vectors, and a factor that is undone elsewhere (of norm gains, of embeddings) its inverse.
 *
 * Only entries that copy one source entry have moments, by the first term: rows that mix several units are zero here, as are
 * layers that were added. Second moments take the squares of all weights.
 *
 * @returns `undefined` for an operator that mixes blocks: it copies nothing
 */
export function gradientMaps(
  plan: Plan,
  operator: OperatorNames,
  map: GivenNumbers["map"],
  order: MomentOrder,
): GradientMaps | undefined {
  if (operator.widthScope === "block") return undefined;
  const forward = forwardRows(plan, operator, map);
  const infos = gradientTensors(plan, operator, forward);
  const power = order === "second" ? 2 : 1;
  const known = new Map<string, Promise<WidthMap>>();
  let kept: Promise<KeptLayers> | undefined;

  const make = async (name: string, info: OperatorTensorInfo): Promise<WidthMap> => {
    if (info.kind !== "depth") return widthMapOf(raised(await gradientRows(info, forward), power));
    kept ??= keptLayers(plan, operator, map);
    const matrix = (await map(name, "whole"))?.matrix;
    const inverse = inverseDepth(
      matrix ?? { ...info, data: new Float32Array(0) },
      info,
      await kept,
    );
    const data = inverse.data.map((weight) => weight ** power);
    return { matrix: { ...inverse, data }, rows: classifyRows({ ...inverse, data }) };
  };
  const names: OperatorNames = { ...operator, terms: 1, has: (name) => infos.has(name) };
  return {
    async map(name) {
      const info = infos.get(name);
      if (info === undefined) return undefined;
      const found = known.get(name) ?? make(name, info);
      known.set(name, found);
      return found;
    },
    expressionFor(tensor) {
      const { factor = 1, offset: _, ...rest } = expressionFor(tensor, plan, names);
      return factor === 1 ? rest : { ...rest, factor: factor ** -power };
    },
  };
}

/** Every side of every space that grows has a map, and depth where the operator has one. */
function gradientTensors(
  plan: Plan,
  operator: OperatorNames,
  { spaces }: ForwardRows,
): ReadonlyMap<string, OperatorTensorInfo> {
  const options = {
    separateRead: true,
    separateElem: new Set(spaces.keys()),
    outsideStacks: true,
    carried: true,
  };
  const all = operatorTensors(plan, operator, options);
  return new Map([...all].filter(([name, { kind }]) => kind !== "depth" || operator.has(name)));
}

/** A map of gradients: the rows that copy a unit by the map of weights, with the weights of the other side. */
async function gradientRows(
  { kind, layer, space = "" }: OperatorTensorInfo,
  forward: ForwardRows,
): Promise<PickedRows> {
  const own = await forward.rows(space, kind as Side, layer);
  const write = await forward.rows(space, "width", layer);
  if (kind === "read") return reweighted(own, (row, unit) => weightAt(write, row, unit));
  const read = await readingRows(space, layer, forward);
  if (kind === "width") return reweighted(own, (row, unit) => weightAt(read, row, unit));
  return reweighted(
    own,
    (row, unit, weight) => (weightAt(read, row, unit) * weightAt(write, row, unit)) / weight,
  );
}

function raised(rows: PickedRows, power: number): PickedRows {
  return power === 1 ? rows : reweighted(rows, (_row, _unit, weight) => weight ** power);
}

/** The inverse weights of layers that stand in the target, and of coefficients outside stacks; added layers have none. */
function inverseDepth(matrix: Matrix, { stack }: OperatorTensorInfo, kept: KeptLayers): Matrix {
  const { columns, rows } = matrix;
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    if (stack !== undefined && kept.get(stack)?.[row] === undefined) continue;
    const copied = copiedSource(matrix, row);
    if (copied !== undefined) data[row * columns + copied.source] = 1 / copied.weight;
  }
  return { rows, columns, data };
}
