import { createFreshPart } from "../operator/fresh-part.js";
import { interleavingOf, toStoredOrder } from "../operator/interleaving.js";
import type { Operator } from "../operator/operator.js";
import { plannedSpaces } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import { elementCount } from "../shape.js";
import { operatorMaps } from "./operator-maps.js";
import { readInterleaved } from "./read-interleaved.js";
import type { ReadSource } from "./read-source.js";

/**
 * What starts afresh in the tensors of a grown model that have any such part, by canonical name: row-major, of the tensor's shape,
 * zeros elsewhere. It is added to what terms make. Nothing where the operator does not tell the places.
 */
export async function freshTensors(
  plan: Plan,
  { fresh, tensors }: Pick<Operator, "fresh" | "tensors">,
  stored: ReadSource,
): Promise<ReadonlyMap<string, Float32Array>> {
  const made = new Map<string, Float32Array>();
  if (fresh?.places === undefined) return made;
  const { places } = fresh;
  const read = readInterleaved(plan, stored);
  const part = createFreshPart(
    {
      plan,
      spaces: plannedSpaces(plan),
      fresh: { ...fresh, places },
      given: { shapes: tensors, map: operatorMaps({ tensors }).get },
    },
    (name, size) => read(name, new Float32Array(size), 0),
  );
  for (const tensor of plan.tensors) {
    if (!part.has(tensor)) continue;
    const data = new Float32Array(elementCount(tensor.shape));
    await part.addTo(data, tensor);
    const interleaved = interleavingOf(plan.target, tensor.parameter);
    if (interleaved !== undefined) toStoredOrder(data, interleaved, new Float32Array(data.length));
    made.set(tensor.name, data);
  }
  return made;
}
