import { depthWeights } from "../operator/depth-weights.js";
import type { Expression } from "../operator/expression.js";
import type { TensorUse } from "../operator/given-numbers.js";
import type { PlannedTensor } from "../plan/plan.js";
import { elementCount } from "../shape.js";
import type { OperatorMaps } from "./operator-maps.js";
import type { SourceLayers } from "./source-layers.js";
import { isShared } from "./tensor-numbers.js";

/** Has the maps of a tensor read; not those that serve one source layer each, as they are many. */
export async function readMaps(
  { terms }: Expression,
  read: (name: string, use: TensorUse) => Promise<unknown>,
): Promise<void> {
  for (const { axes, depth } of terms) {
    if (depth !== undefined) await read(depth.tensor, "whole");
    for (const { map } of axes.flatMap((segments) => segments ?? []))
      if (typeof map === "string") await read(map, "axis");
  }
}

/** The tensors whose source layers are read, and where they are kept. */
export interface LayerReading {
  readonly tensors: readonly PlannedTensor[];
  readonly expressionOf: (tensor: PlannedTensor) => Expression;
  readonly layers: SourceLayers;
  readonly maps: OperatorMaps;
  readonly signal: AbortSignal | undefined;
}

/** Reads the source layers of all tensors in turn, as far as there is place. Throws the signal's reason. */
export async function readLayers({
  expressionOf,
  layers,
  maps,
  signal,
  tensors,
}: LayerReading): Promise<void> {
  for (const tensor of tensors) {
    const expression = expressionOf(tensor);
    if (!isShared(expression)) continue;
    const size = elementCount(expression.sourceShape);
    for (const { depth, kinds } of expression.terms) {
      if (kinds !== undefined) continue;
      const weights = await depthWeights(expression, depth, { map: maps.get });
      for (const j of expression.sources.keys()) {
        signal?.throwIfAborted();
        if (weights[j] !== 0) await layers.layer(expression.sources, j, size);
      }
    }
  }
}
