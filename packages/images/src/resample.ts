import { createBoundedCache } from "@ligo/core/stream";
import { cropPixels, type Box, type Pixels } from "./pixels.js";

/** How pixels between pixels are found; the numbers are those of Pillow and of `preprocessor_config.json`. */
export type Resampling = "nearest" | "lanczos" | "bilinear" | "bicubic" | "box" | "hamming";

/** Resampling by its number in `preprocessor_config.json`. */
export const RESAMPLINGS: readonly Resampling[] = [
  "nearest",
  "lanczos",
  "bilinear",
  "bicubic",
  "box",
  "hamming",
];

interface Kernel {
  /** Half its width, in source pixels at scale 1. */
  readonly support: number;
  at(x: number): number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Keys' cubic with a = -1/2. */
function cubic(x: number): number {
  const a = -0.5;
  const z = Math.abs(x);
  if (z < 1) return ((a + 2) * z - (a + 3)) * z * z + 1;
  if (z < 2) return (((z - 5) * z + 8) * z - 4) * a;
  return 0;
}

const KERNELS: Readonly<Record<Exclude<Resampling, "nearest">, Kernel>> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    at(x) {
      const z = Math.abs(x);
      if (z >= 1) return 0;
      return z === 0 ? 1 : sinc(z) * (0.54 + 0.46 * Math.cos(Math.PI * z));
    },
  },
  bicubic: { support: 2, at: cubic },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Weights are integers in units of 2^-22: 8 bits for the bytes, 2 for overshoot, the rest of 32 for precision. */
const PRECISION = 22;

/** For each pixel of the result: the first source pixel it is made of, and `taps` weights. */
interface Weights {
  readonly taps: number;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Int32Array;
}

/** Weights along one axis from `size` source pixels to `target` pixels. */
function axisWeights(size: number, target: number, kernel: Kernel): Weights {
  const scale = size / target;
  const filterScale = Math.max(scale, 1);
  const support = kernel.support * filterScale;
  const taps = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(target);
  const counts = new Int32Array(target);
  const weights = new Int32Array(target * taps);
  const row = new Float64Array(taps);
  for (let index = 0; index < target; index++) {
    const centre = (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(size, Math.trunc(centre + support + 0.5));
    let total = 0;
    for (let tap = 0; tap < end - first; tap++) {
      row[tap] = kernel.at((tap + first - centre + 0.5) * (1 / filterScale));
      total += row[tap] as number;
    }
    starts[index] = first;
    counts[index] = end - first;
    for (let tap = 0; tap < end - first; tap++) {
      const weight = ((row[tap] as number) / (total || 1)) * 2 ** PRECISION;
      weights[index * taps + tap] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
  }
  return { taps, starts, counts, weights };
}

/** Weights seldom change: an evaluation resizes images of one size, training draws new boxes. */
const KEPT_WEIGHTS = 64;
const kept = createBoundedCache<string, Weights>({ limit: KEPT_WEIGHTS, eviction: "all" });

function weightsFor(
  size: number,
  target: number,
  resampling: Exclude<Resampling, "nearest">,
): Weights {
  const key = `${resampling} ${size} ${target}`;
  return kept.get(key) ?? kept.set(key, axisWeights(size, target, KERNELS[resampling]));
}

const clampByte = (sum: number): number => Math.max(0, Math.min(255, sum >> PRECISION));

/** Weighted sums along an axis of bytes [outer, size, inner] to [outer, target, inner]. */
function resampleAxis(
  data: Uint8Array,
  [outer, size, inner]: readonly [number, number, number],
  { taps, starts, counts, weights }: Weights,
): Uint8Array {
  const target = starts.length;
  const result = new Uint8Array(outer * target * inner);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (let index = 0; index < target; index++) {
      const from = (o * size + (starts[index] as number)) * inner;
      const count = counts[index] as number;
      const firstWeight = index * taps;
      for (let i = 0; i < inner; i++) {
        let sum = 1 << (PRECISION - 1);
        let at = from + i;
        for (let tap = 0; tap < count; tap++) {
          sum += Math.imul(data[at] as number, weights[firstWeight + tap] as number);
          at += inner;
        }
        result[to++] = clampByte(sum);
      }
    }
  }
  return result;
}

function nearest(image: Pixels, width: number, height: number): Pixels {
  const { channels, data } = image;
  const result = new Uint8Array(width * height * channels);
  const source = (index: number, size: number, target: number): number =>
    Math.min(size - 1, Math.floor((index + 0.5) * (size / target)));
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = source(y, image.height, height) * image.width;
    for (let x = 0; x < width; x++) {
      const from = (row + source(x, image.width, width)) * channels;
      for (let c = 0; c < channels; c++) result[to++] = data[from + c] as number;
    }
  }
  return { width, height, channels, data: result };
}

/**
 * The part of an image in `box` (all of it by default), resized: the same bytes as Pillow's `crop(box).resize(size)`.
 * Shrinking widens the kernel, so that every source pixel counts.
 */
export function resizePixels(
  image: Pixels,
  { width, height }: { readonly width: number; readonly height: number },
  resampling: Resampling,
  box?: Box,
): Pixels {
  const part = box ? cropPixels(image, box) : image;
  if (part.width === width && part.height === height) return part;
  if (resampling === "nearest") return nearest(part, width, height);
  const { channels } = part;
  let { data } = part;
  if (part.width !== width) {
    const weights = weightsFor(part.width, width, resampling);
    data = resampleAxis(data, [part.height, part.width, channels], weights);
  }
  if (part.height !== height) {
    const weights = weightsFor(part.height, height, resampling);
    data = resampleAxis(data, [1, part.height, width * channels], weights);
  }
  return { width, height, channels, data };
}
