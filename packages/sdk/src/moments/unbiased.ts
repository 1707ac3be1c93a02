import { elementCount, type Layout } from "@ligo/core";
import { expandLayout } from "@ligo/core/layout";
import type { MomentOrder } from "@ligo/core/operator";
import type { OpenedMoments } from "./moments.js";

/** What moments that began at zero lack: 1 - beta^step. */
const lacking = (beta: number, step: number): number => 1 - beta ** step;

/**
 * Reads moments as if all had seen as many updates: those of entries that an earlier growth began at zero are divided by what they
 * lack more than others.
 */
export function unbiased(
  moments: OpenedMoments,
  layout: Layout,
): (order: MomentOrder, name: string, into: Float32Array, start: number) => Promise<Float32Array> {
  const { beta1, beta2, fresh, step } = moments;
  if (fresh === undefined || fresh.step === 0)
    return (order, name, into, start) => moments.read(order, name, into, start);
  const shapes = new Map(expandLayout(layout).map(({ name, shape }) => [name, shape]));
  const factors: Readonly<Record<MomentOrder, number>> = {
    first: lacking(beta1, step) / lacking(beta1, fresh.step),
    second: lacking(beta2, step) / lacking(beta2, fresh.step),
  };
  return async (order, name, into, start) => {
    const numbers = await moments.read(order, name, into, start);
    const axes = fresh.carried.get(name);
    const shape = shapes.get(name);
    if (axes === undefined || shape === undefined) return numbers;
    const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
    for (let index = 0; index < numbers.length; index++) {
      const isOlder = axes.every(
        (rows, axis) =>
          rows[Math.floor((start + index) / (strides[axis] ?? 1)) % rows.length] === 1,
      );
      if (!isOlder) numbers[index] = (numbers[index] as number) * factors[order];
    }
    return numbers;
  };
}
