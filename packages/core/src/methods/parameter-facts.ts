import { elementSpaces } from "../layout/norms.js";
import { axisSpaces, presentLayers } from "../layout/layout-names.js";
import type { OperatorTensorInfo } from "../operator/operator-tensors.js";
import type { Matrix } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";

/**
 * What parameters outside stacks are multiplied by as the factors change that the model multiplies them by (Gemma's embeddings, by
 * the root of the width): a table by old over new, and the norm before a readout that is tied to it by new over old.
 */
export function sizeFactors({ target, tensors }: Plan): ReadonlyMap<string, number> {
  const factors = new Map<string, number>();
  for (const { parameter, sourceParameter = parameter } of tensors) {
    const factor = (sourceParameter.multiplier ?? 1) / (parameter.multiplier ?? 1);
    if (factor === 1 || parameter.stack !== undefined) continue;
    factors.set(parameter.name, factor);
    const readouts = target.parameters.filter(({ tiedTo }) => tiedTo === parameter.name);
    const spaces = new Set(
      readouts.flatMap(({ axes }) =>
        axes.flatMap((axis) => (axis.role === "in" ? axisSpaces(axis) : [])),
      ),
    );
    for (const norm of target.parameters) {
      if (norm.readout === true && elementSpaces(norm).some((space) => spaces.has(space)))
        factors.set(norm.name, 1 / factor);
    }
  }
  return factors;
}

/**
 * A depth matrix over the source layers that have a parameter, made of one over all of them: the weight of a layer that lacks it
 * goes to the next one that has it.
 */
export function presentDepth(
  { source, tensors }: Plan,
  name: string,
  info: OperatorTensorInfo,
  fill: (info: OperatorTensorInfo) => Matrix,
): Matrix {
  const planned = tensors.find(({ parameter }) => parameter.name === name);
  const from = planned?.sourceParameter ?? planned?.parameter;
  const present = from === undefined ? [] : presentLayers(source, from);
  const layers = source.stacks[from?.stack ?? ""]?.layers ?? present.length;
  if (present.length === layers) return fill(info);
  const whole = fill({ ...info, columns: layers });
  const { rows } = whole;
  const columns = present.length;
  const data = new Float32Array(rows * columns);
  for (let layer = 0; layer < layers; layer++) {
    const next = present.findIndex((one) => one >= layer);
    const column = next < 0 ? columns - 1 : next;
    for (let row = 0; row < rows; row++)
      (data[row * columns + column] as number) += whole.data[row * layers + layer] as number;
  }
  return { rows, columns, data };
}
