import { presentLayers } from "../layout/layout-names.js";
import type { OperatorTensorInfo } from "../operator/operator-tensors.js";
import type { Matrix } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";

/**
 * A depth matrix over the source layers that have a parameter, made of one over all of them: the weight of a layer that lacks it
 * goes to the next one that has it.
 */
export function presentDepth(
  { source, tensors }: Plan,
  info: OperatorTensorInfo,
  fill: (info: OperatorTensorInfo) => Matrix,
): Matrix {
  const planned = tensors.find(({ parameter }) => parameter.name === info.parameter);
  const from = planned?.sourceParameter ?? planned?.parameter;
  if (from?.stack === undefined) return fill(info);
  const present = presentLayers(source, from);
  const layers = source.stacks[from.stack]?.layers ?? present.length;
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
