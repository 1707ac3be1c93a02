import type { Memory } from "./given-numbers.js";

export interface WeightedPart {
  readonly weight: number;
  /** The numbers. They stay as they are until the sum is formed, unless they lie in the array that parts share. */
  readonly data: () => Promise<Float32Array>;
}

interface Held {
  readonly weight: number;
  readonly numbers: Float32Array;
}

/**
 * A weighted sum, formed in float64.
 *
 * @param shared where numbers of parts may lie: those are added before the next part is asked for. Numbers elsewhere are
 *   added together, so that sums need not be kept between them
 */
export async function weightedSum(
  parts: readonly WeightedPart[],
  into: Float32Array,
  shared: Float32Array,
  memory: Pick<Memory, "float64">,
): Promise<void> {
  if (parts.length === 0) {
    into.fill(0);
    return;
  }
  let held: Held[] = [];
  let sums: Float64Array | undefined;
  for (const [index, { weight, data }] of parts.entries()) {
    const numbers = await data();
    held.push({ weight, numbers });
    if (index === parts.length - 1) {
      finish(held, sums, into);
    } else if (numbers.buffer === shared.buffer) {
      sums ??= memory.float64(into.length).fill(-0);
      addAll(held, sums);
      held = [];
    }
  }
}

/** Sums that stay in the first-level cache. */
const BLOCK = 1024;

/** Parts whose sum is not stored before it is rounded: as many as the layers of a small model. */
const MANY = 6;

/** Adds what is held to the sums so far, from -0 on, as -0 + x is x, its sign included; rounds the result to float32. */
function finish(held: readonly Held[], sums: Float64Array | undefined, into: Float32Array): void {
  const block = new Float64Array(BLOCK);
  const isMany = held.length >= MANY;
  const first = isMany ? held.slice(0, -MANY) : held;
  const last = held.slice(-MANY);
  for (let start = 0; start < into.length; start += BLOCK) {
    const sum = block.subarray(0, Math.min(BLOCK, into.length - start));
    if (sums === undefined) sum.fill(-0);
    else sum.set(sums.subarray(start, start + sum.length));
    addBlock(first, start, sum);
    if (isMany) finishMany(last, start, sum, into);
    else round(sum, into, start);
  }
}

function addAll(held: readonly Held[], sums: Float64Array): void {
  for (let start = 0; start < sums.length; start += BLOCK)
    addBlock(held, start, sums.subarray(start, start + BLOCK));
}

/** Adds numbers from `start` on, part by part in their order. */
function addBlock(held: readonly Held[], start: number, sum: Float64Array): void {
  let index = 0;
  for (; index + 1 < held.length; index += 2)
    addTwo(held[index] as Held, held[index + 1] as Held, start, sum);
  if (index < held.length) addOne(held[index] as Held, start, sum);
}

function addOne({ weight, numbers }: Held, start: number, sum: Float64Array): void {
  for (let index = 0; index < sum.length; index++)
    (sum[index] as number) += weight * (numbers[start + index] as number);
}

function addTwo(one: Held, other: Held, start: number, sum: Float64Array): void {
  const { weight, numbers } = one;
  const { weight: otherWeight, numbers: otherNumbers } = other;
  for (let index = 0; index < sum.length; index++) {
    // in this order, as if they were added one after the other
    sum[index] =
      (sum[index] as number) +
      weight * (numbers[start + index] as number) +
      otherWeight * (otherNumbers[start + index] as number);
  }
}

/** Adds {@link MANY} parts, as if they were added one after the other, and rounds the result to float32. */
function finishMany(
  held: readonly Held[],
  start: number,
  sum: Float64Array,
  into: Float32Array,
): void {
  const [a, b, c, d, e, f] = held as readonly [Held, Held, Held, Held, Held, Held];
  const { weight: weightA, numbers: numbersA } = a;
  const { weight: weightB, numbers: numbersB } = b;
  const { weight: weightC, numbers: numbersC } = c;
  const { weight: weightD, numbers: numbersD } = d;
  const { weight: weightE, numbers: numbersE } = e;
  const { weight: weightF, numbers: numbersF } = f;
  for (let index = 0; index < sum.length; index++) {
    const at = start + index;
    into[at] =
      (sum[index] as number) +
      weightA * (numbersA[at] as number) +
      weightB * (numbersB[at] as number) +
      weightC * (numbersC[at] as number) +
      weightD * (numbersD[at] as number) +
      weightE * (numbersE[at] as number) +
      weightF * (numbersF[at] as number);
  }
}

function round(sum: Float64Array, into: Float32Array, start: number): void {
  for (let index = 0; index < sum.length; index++) into[start + index] = sum[index] as number;
}
