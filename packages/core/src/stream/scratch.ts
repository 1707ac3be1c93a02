/** Memory that is used again. Fresh memory can cost more than the arithmetic on it: every page of it is a fault. */
export interface Scratch {
  /** An array of `size` float32 numbers, whatever they are, until {@link Scratch.give} or the end of the lease. */
  float32(size: number): Float32Array;
  float64(size: number): Float64Array;
  /** Gives an array back. */
  give(array: Float32Array | Float64Array): void;
}

/** Arrays that are taken one by one and given back together. */
export interface Lease extends Pick<Scratch, "float32" | "float64"> {
  end(): void;
}

/** A buffer is used for what needs at least a quarter of it, so that large ones stay free for what is large. */
const LARGEST_WASTE = 4;

export function createScratch(): Scratch {
  const free: ArrayBuffer[] = [];
  const take = (bytes: number): ArrayBuffer => {
    let best = -1;
    for (const [index, { byteLength }] of free.entries()) {
      if (byteLength < bytes || byteLength > LARGEST_WASTE * bytes) continue;
      if (best < 0 || byteLength < (free[best] as ArrayBuffer).byteLength) best = index;
    }
    return best < 0 ? new ArrayBuffer(bytes) : (free.splice(best, 1)[0] as ArrayBuffer);
  };
  return {
    float32: (size) => new Float32Array(take(4 * size), 0, size),
    float64: (size) => new Float64Array(take(8 * size), 0, size),
    give(array) {
      if (array.byteLength > 0) free.push(array.buffer as ArrayBuffer);
    },
  };
}

export function lease(scratch: Scratch): Lease {
  const taken: (Float32Array | Float64Array)[] = [];
  const noted = <A extends Float32Array | Float64Array>(array: A): A => {
    taken.push(array);
    return array;
  };
  return {
    float32: (size) => noted(scratch.float32(size)),
    float64: (size) => noted(scratch.float64(size)),
    end() {
      for (const array of taken.splice(0)) scratch.give(array);
    },
  };
}
