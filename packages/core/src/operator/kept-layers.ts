import { presentLayers } from "../layout/layout-names.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import type { OperatorNames } from "./expressions.js";
import type { GivenNumbers } from "./given-numbers.js";
import type { Matrix } from "./operator.js";
import { depthName } from "./operator-tensors.js";

/** The source layer that a target layer stands for, by stack: all of whose tensors copy it alone, and the first that does. */
export type KeptLayers = ReadonlyMap<string, readonly (number | undefined)[]>;

/** The single source that a row of a depth matrix copies, and its weight. */
export function copiedSource(
  { columns, data }: Matrix,
  row: number,
): { readonly source: number; readonly weight: number } | undefined {
  const weights = data.subarray(row * columns, (row + 1) * columns);
  const source = weights.findIndex((weight) => weight !== 0);
  if (source < 0 || weights.subarray(source + 1).some((weight) => weight !== 0)) return undefined;
  return { source, weight: weights[source] as number };
}

/** The layers of the source that stand in the target, by an operator's first term. Others of the target are added ones. */
export async function keptLayers(
  plan: Plan,
  operator: OperatorNames,
  map: GivenNumbers["map"],
): Promise<KeptLayers> {
  const stacks = new Map<string, (number | undefined)[][]>();
  for (const tensor of plan.tensors) {
    const { layer, parameter } = tensor;
    if (parameter.stack === undefined || layer === undefined) continue;
    const layers = stacks.get(parameter.stack) ?? [];
    stacks.set(parameter.stack, layers);
    (layers[layer] ??= []).push(await sourceLayer(plan, tensor, layer, operator, map));
  }
  return new Map([...stacks].map(([stack, found]) => [stack, firstOfEach(found)]));
}

/** The source layer that a tensor copies; `undefined` where it copies none alone. */
async function sourceLayer(
  { source }: Plan,
  { parameter, sourceParameter = parameter }: PlannedTensor,
  layer: number,
  operator: OperatorNames,
  map: GivenNumbers["map"],
): Promise<number | undefined> {
  const name = depthName(0, parameter.name);
  if (!operator.has(name)) return undefined;
  const matrix = (await map(name, "whole"))?.matrix;
  const copied = matrix && copiedSource(matrix, layer);
  return copied && presentLayers(source, sourceParameter)[copied.source];
}

/** The one source layer of all tensors of a layer, where no earlier layer has it. */
function firstOfEach(
  layers: readonly (readonly (number | undefined)[] | undefined)[],
): readonly (number | undefined)[] {
  const taken = new Set<number>();
  return Array.from(layers, (sources = []) => {
    const [source] = sources;
    if (source === undefined || taken.has(source)) return undefined;
    if (!sources.every((one) => one === source)) return undefined;
    taken.add(source);
    return source;
  });
}
