import type { Given } from "./given-numbers.js";
import type { Matrix } from "./operator.js";

/** Numbers of each source layer that are added together where not all layers have a place. */
const MIXED_NUMBERS = 2 ** 16;

/** Source layers added with their weights, sum_j w[j] P_j: the product [1, layers] x [layers, numbers]. */
export async function mixLayers(
  weights: readonly number[],
  { multiply, memory, numbers }: Given,
  into: Float32Array,
): Promise<void> {
  const rows = weights.length;
  const row: Matrix = { rows: 1, columns: rows, data: Float32Array.from(weights) };
  const layers = await numbers.sourceLayers(weights);
  if (layers !== undefined) {
    await multiply(row, layers, { into });
    return;
  }
  const step = Math.min(into.length, MIXED_NUMBERS);
  const block = memory.float32(rows * step);
  for (let start = 0; start < into.length; start += step) {
    const columns = Math.min(step, into.length - start);
    const data = block.subarray(0, rows * columns);
    const read = weights.map(async (weight, j) => {
      const part = data.subarray(j * columns, (j + 1) * columns);
      const found = weight === 0 ? part.fill(0) : await numbers.sourcePart(j, part, start);
      if (found !== part) part.set(found);
    });
    await Promise.all(read);
    await multiply(row, { rows, columns, data }, { into: into.subarray(start, start + columns) });
  }
}
