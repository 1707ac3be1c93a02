import type { Matrix } from "../operator/operator.js";
import type { Plan, PlannedTensor } from "../plan/plan.js";
import { elementCount } from "../shape.js";
import type { ReadSource } from "../stream/read-source.js";

/** Numbers of every layer that are read at once. */
const PART = 2 ** 16;

/**
 * The inner products of the source's layers, parameter by parameter: matrices [layers, layers] by the parameter's name, symmetric, 0
 * beyond `distance` from the diagonal. Of stacks alone that get more layers. A stored parameter counts as the model computes with it.
 */
export async function layerProducts(
  plan: Plan,
  read: ReadSource,
  distance: number,
): Promise<ReadonlyMap<string, Matrix>> {
  const products = new Map<string, Matrix>();
  for (const tensor of plan.tensors) {
    const { name } = tensor.parameter;
    if (products.has(name) || !isDeepened(plan, tensor)) continue;
    products.set(name, await productsOf(tensor, read, distance));
  }
  return products;
}

function isDeepened({ source, target }: Plan, { parameter }: PlannedTensor): boolean {
  const { stack = "" } = parameter;
  return (target.stacks[stack]?.layers ?? 0) > (source.stacks[stack]?.layers ?? 0);
}

async function productsOf(
  { parameter, sourceShape, sources }: PlannedTensor,
  read: ReadSource,
  distance: number,
): Promise<Matrix> {
  const count = sources.length;
  const size = elementCount(sourceShape);
  const data = new Float64Array(count * count);
  const places = sources.map(() => new Float32Array(Math.min(size, PART)));
  for (let start = 0; start < size; start += PART) {
    const length = Math.min(PART, size - start);
    const parts = await Promise.all(
      sources.map((name, layer) =>
        read(name, (places[layer] as Float32Array).subarray(0, length), start),
      ),
    );
    for (let i = 0; i < count; i++) {
      for (let j = i; j <= Math.min(count - 1, i + distance); j++) {
        const found = product(parts[i] as Float32Array, parts[j] as Float32Array, parameter.offset);
        (data[i * count + j] as number) += found;
        if (j > i) (data[j * count + i] as number) += found;
      }
    }
  }
  return { rows: count, columns: count, data: Float32Array.from(data) };
}

function product(one: Float32Array, other: Float32Array, offset = 0): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++)
    sum += ((one[index] as number) + offset) * ((other[index] as number) + offset);
  return sum;
}
