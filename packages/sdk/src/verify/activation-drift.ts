import { multiply, type Matrix } from "@ligo/core";

/** A hidden state of the grown model beside the one of the small model that it is compared with. */
export interface LayerDrift {
  /** Layers of the grown model passed: 0 is what enters the first. */
  readonly layer: number;
  /** Layers of the small model passed. */
  readonly of: number;
  /**
   * ||G - S M^T|| / ||S M^T|| in the Frobenius norm, with G [rows, new] the grown state, S [rows, old] the small one and
   * M [new, old] the width map of the space between layers; null where no map is known.
   */
  readonly drift: number | null;
  /** Linear centred kernel alignment of G and S (Kornblith et al., 2019): 1 where they agree but for rotation and scale. */
  readonly alignment: number;
  /** Root mean square of G's elements over that of S's. */
  readonly scale: number;
}

/**
 * Compares the hidden states of a grown stack with those of the small one, on the same inputs. What enters and what leaves
 * the stack is compared with the same of the small model; a state between with the small model's state closest to it: by
 * drift where a map is known, else by alignment.
 *
 * @param small states [rows, old]: what enters the first layer, then what each layer puts out
 * @param grown states [rows, new]
 * @param map [new, old]
 */
export async function activationDrift(
  small: readonly Matrix[],
  grown: readonly Matrix[],
  map: Matrix | undefined,
): Promise<readonly LayerDrift[]> {
  const sources = await Promise.all(
    small.map(async (state, of) => ({
      of,
      kernel: centredKernel(state),
      magnitude: rootMeanSquare(state.data),
      mapped: map && (await multiply(state, map, { transposeB: true })),
    })),
  );
  return grown.map((state, layer) => {
    const kernel = centredKernel(state);
    const magnitude = rootMeanSquare(state.data);
    const compared = sources.map((source): LayerDrift => ({
      layer,
      of: source.of,
      drift: source.mapped === undefined ? null : relativeDistance(state.data, source.mapped.data),
      alignment: kernelAlignment(source.kernel, kernel),
      scale: magnitude / source.magnitude,
    }));
    const end =
      layer === 0 ? compared[0] : layer === grown.length - 1 ? compared.at(-1) : undefined;
    return end ?? closest(compared);
  });
}

const distance = ({ drift, alignment }: LayerDrift): number => drift ?? 1 - alignment;

function closest(compared: readonly LayerDrift[]): LayerDrift {
  return compared.reduce((best, one) => (distance(one) < distance(best) ? one : best));
}

/** ||one - other|| / ||other|| in the Frobenius norm. */
export function relativeDistance(one: Float32Array, other: Float32Array): number {
  let [difference, size] = [0, 0];
  for (const [index, value] of other.entries()) {
    difference += ((one[index] ?? Number.NaN) - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(difference / size);
}

/** Linear centred kernel alignment of two states of the same rows: 1 where they agree but for rotation and scale. */
export const stateAlignment = (one: Matrix, other: Matrix): number =>
  kernelAlignment(centredKernel(one), centredKernel(other));

function rootMeanSquare(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

/** X X^T of the rows of a state, its columns centred: [rows, rows]. */
function centredKernel({ rows, columns, data }: Matrix): Float64Array {
  const centred = Float64Array.from(data);
  for (let column = 0; column < columns; column++) {
    let mean = 0;
    for (let row = 0; row < rows; row++) mean += (data[row * columns + column] ?? 0) / rows;
    for (let row = 0; row < rows; row++) {
      centred[row * columns + column] = (data[row * columns + column] ?? 0) - mean;
    }
  }
  const kernel = new Float64Array(rows * rows);
  for (let row = 0; row < rows; row++) {
    for (let other = 0; other <= row; other++) {
      let sum = 0;
      for (let column = 0; column < columns; column++) {
        sum += (centred[row * columns + column] ?? 0) * (centred[other * columns + column] ?? 0);
      }
      kernel[row * rows + other] = sum;
      kernel[other * rows + row] = sum;
    }
  }
  return kernel;
}

/** <K, L> / (||K|| ||L||), which for centred linear kernels is CKA; 0 where one of them is constant. */
function kernelAlignment(one: Float64Array, other: Float64Array): number {
  let [product, left, right] = [0, 0, 0];
  for (const [index, value] of one.entries()) {
    const partner = other[index] ?? Number.NaN;
    product += value * partner;
    left += value * value;
    right += partner * partner;
  }
  return left > 0 && right > 0 ? product / Math.sqrt(left * right) : 0;
}
