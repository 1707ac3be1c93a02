import type { Matrix } from "../operator/operator.js";
import { createBoundedCache } from "./bounded-cache.js";
import type { ReadSource } from "./read-source.js";

/** Source layers that are read once for all target layers, as long as there is place for them. */
export interface SourceLayers {
  /** All numbers of the layer j of a parameter; `undefined` where there is no place. */
  layer(names: readonly string[], j: number, size: number): Promise<Float32Array> | undefined;
  /**
   * The layers of a parameter one below the other, those of weight 0 without their numbers: 0 or what they are. `undefined`
   * where there is no place.
   */
  matrix(
    names: readonly string[],
    weights: readonly number[],
    size: number,
  ): Promise<Matrix | undefined>;
}

/** Numbers of source layers that are kept, as every target layer needs them: those of a model of usual size. */
const KEPT_NUMBERS = 2 ** 26;

interface KeptLayers {
  readonly data: Float32Array;
  readonly loading: (Promise<Float32Array> | undefined)[];
}

/** Reads layers into memory that is kept. A layer that could not be read may be asked for again. */
export function createSourceLayers(read: ReadSource): SourceLayers {
  /** By the name of the first layer. */
  const kept = createBoundedCache<string, KeptLayers>({ limit: KEPT_NUMBERS, eviction: "none" });
  /** Whether the source is in memory already: then nothing is kept a second time. */
  let isElsewhere = false;

  const placeOf = (names: readonly string[], size: number): KeptLayers | undefined => {
    const [key = ""] = names;
    const known = kept.get(key);
    if (known !== undefined || isElsewhere) return known;
    const numbers = names.length * size;
    if (!kept.makeRoom(numbers)) return undefined;
    return kept.set(key, { data: new Float32Array(numbers), loading: [] }, numbers);
  };

  const load = async (
    { data, loading }: KeptLayers,
    name: string,
    j: number,
    size: number,
  ): Promise<Float32Array> => {
    const into = data.subarray(j * size, (j + 1) * size);
    try {
      const found = await read(name, into, 0);
      if (found !== into) {
        isElsewhere = true;
        kept.clear();
      }
      return found;
    } catch (error) {
      loading[j] = undefined;
      throw error;
    }
  };

  const layer: SourceLayers["layer"] = (names, j, size) => {
    const place = placeOf(names, size);
    if (place === undefined) return undefined;
    return (place.loading[j] ??= load(place, names[j] ?? "", j, size));
  };

  return {
    layer,
    async matrix(names, weights, size) {
      const place = placeOf(names, size);
      if (place === undefined) return undefined;
      await Promise.all(
        weights.map(async (weight, j) => (weight === 0 ? undefined : layer(names, j, size))),
      );
      if (isElsewhere) return undefined;
      return { rows: names.length, columns: size, data: place.data };
    },
  };
}
