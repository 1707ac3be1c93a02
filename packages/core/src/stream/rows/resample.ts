/** Weights [new, old] that resample a line of numbers, row-major. */
export interface LineWeights {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Linear interpolation that keeps both ends: `torch.nn.functional.interpolate` with `align_corners`. */
export function linearWeights(old: number, now: number): LineWeights {
  const data = new Float64Array(now * old);
  for (let row = 0; row < now; row++) {
    const place = now === 1 ? 0 : (row * (old - 1)) / (now - 1);
    const left = Math.min(Math.floor(place), Math.max(0, old - 2));
    const share = place - left;
    data[row * old + left] = 1 - share;
    if (share > 0) data[row * old + left + 1] = share;
  }
  return { rows: now, columns: old, data };
}

/** Keys' cubic kernel (Keys, 1981), which reaches two samples to both sides. */
function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/** Sharpness of the kernel: PyTorch's, and that of its antialiased resampling, as Pillow's. */
const [PLAIN, ANTIALIASED] = [-0.75, -0.5];

/**
 * Bicubic interpolation along one side, from `old` samples to as many or more: `torch.nn.functional.interpolate` without
 * `align_corners`. With `antialias` the kernel is another one, and samples beyond the border are left out rather than those of the
 * border again.
 */
export function bicubicWeights(old: number, now: number, antialias: boolean): LineWeights {
  const data = new Float64Array(now * old);
  const a = antialias ? ANTIALIASED : PLAIN;
  for (let row = 0; row < now; row++) {
    const place = ((row + 0.5) * old) / now - 0.5;
    const first = Math.floor(place) - 1;
    let sum = 0;
    for (let sample = first; sample < first + 4; sample++) {
      const column = Math.min(Math.max(sample, 0), old - 1);
      if (antialias && column !== sample) continue;
      const weight = cubic(sample - place, a);
      data[row * old + column] = (data[row * old + column] as number) + weight;
      sum += weight;
    }
    for (let column = 0; column < old; column++)
      data[row * old + column] = (data[row * old + column] as number) / sum;
  }
  return { rows: now, columns: old, data };
}

/** Rows of `width` numbers each, resampled. */
export function resampleLine(
  numbers: Float32Array | Float64Array,
  width: number,
  { columns, data, rows }: LineWeights,
): Float64Array {
  const made = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const weight = data[row * columns + column] as number;
      if (weight === 0) continue;
      for (let index = 0; index < width; index++)
        made[row * width + index] =
          (made[row * width + index] as number) +
          weight * (numbers[column * width + index] as number);
    }
  }
  return made;
}

/** A grid of vectors, row by row, resampled along both of its sides. */
export function resampleGrid(
  numbers: Float32Array,
  width: number,
  vertical: LineWeights,
  horizontal: LineWeights,
): Float64Array {
  const tall = resampleLine(numbers, horizontal.columns * width, vertical);
  const made = new Float64Array(vertical.rows * horizontal.rows * width);
  const line = horizontal.columns * width;
  for (let row = 0; row < vertical.rows; row++) {
    const one = resampleLine(tall.subarray(row * line, (row + 1) * line), width, horizontal);
    made.set(one, row * one.length);
  }
  return made;
}
