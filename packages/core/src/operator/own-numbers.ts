import type { PlannedTensor } from "../plan/plan.js";
import { elementCount } from "../shape.js";
import type { DrawnEntries } from "./operator.js";

/** Reads a whole tensor of the source by its canonical name, rows in the order of the maps. */
export type ReadTensor = (name: string, size: number) => Promise<Float32Array>;

/** The numbers of source tensors in short. */
export interface OwnNumbers {
  readonly mean: number;
  /** Standard deviation around the mean. */
  readonly deviation: number;
  readonly rootMeanSquare: number;
}

interface Moments {
  readonly first: number;
  readonly second: number;
}

/** Takes the moments of source tensors, of several that are of one size together. Each tensor is read once. */
export function createOwnNumbers(
  read: ReadTensor,
): (names: readonly string[], size: number) => Promise<OwnNumbers> {
  const known = new Map<string, Moments>();
  return async (names, size) => {
    let [first, second] = [0, 0];
    for (const name of names) {
      const moments = known.get(name) ?? momentsOf(await read(name, size));
      known.set(name, moments);
      first += moments.first / names.length;
      second += moments.second / names.length;
    }
    return {
      mean: first,
      deviation: Math.sqrt(Math.max(0, second - first ** 2)),
      rootMeanSquare: Math.sqrt(second),
    };
  };
}

function momentsOf(data: Float32Array): Moments {
  let [first, second] = [0, 0];
  for (const value of data) {
    first += value;
    second += value * value;
  }
  const count = Math.max(1, data.length);
  return { first: first / count, second: second / count };
}

/** Drawn entries with the deviation that they have in a tensor: a relative one is of all layers that the tensor is made of. */
export async function absolute(
  drawn: DrawnEntries,
  { parameter, sourceShape, sources }: PlannedTensor,
  own: ReturnType<typeof createOwnNumbers>,
): Promise<DrawnEntries> {
  if (drawn.relative !== true || parameter.initial !== "normal") return drawn;
  const { deviation } = await own(sources, elementCount(sourceShape));
  return { seed: drawn.seed, deviation: drawn.deviation * deviation };
}
