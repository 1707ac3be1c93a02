import type { Expression } from "./expression.js";
import type { Given, GivenNumbers } from "./given-numbers.js";
import { computeTensor } from "./materialise.js";

/**
 * What a grown tensor lacks where the model adds a number c to what is stored: the sum over P + c, less c, is the sum over P and
 * c times (the sum over ones - 1), which is 0 wherever an entry is a copy. Writes into `data`.
 */
export async function addOffset(
  expression: Expression,
  given: Given,
  data: Float32Array,
): Promise<void> {
  const { offset = 0 } = expression;
  if (offset === 0) return;
  const numbers: GivenNumbers = {
    ...given.numbers,
    source: async (_j, into) => into.fill(1),
    sourcePart: async (_j, into) => into.fill(1),
    sourceLayers: async () => undefined,
    widened: (_term, _j, widen) => widen(),
  };
  const sums = new Float32Array(data.length);
  await computeTensor(expression, { ...given, numbers }, sums);
  for (const [index, sum] of sums.entries()) (data[index] as number) += offset * (sum - 1);
}
