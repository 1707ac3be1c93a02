import { expect } from "vitest";

/** How far two numbers may lie apart: `|received - expected| <= absolute + relative * |expected|`. */
export interface CloseTolerance {
  /** Default 1e-6. */
  readonly absolute?: number;
  /** Default 0. */
  readonly relative?: number;
}

export interface NumericMatchers<R = unknown> {
  /**
   * Every number of an array (plain, nested or typed) lies within `absolute + relative * |expected|` of the one
   * expected at its place. Shapes must agree; NaN and infinities only match themselves.
   */
  toBeAllClose: (expected: unknown, tolerance?: CloseTolerance) => R;
}

declare module "vitest" {
  // The parameters must be those of the interface extended here.
  // oxlint-disable-next-line typescript/no-explicit-any
  interface Matchers<T = any> extends NumericMatchers<T> {}
}

/** Outcome of {@link compareNumbers}: undefined where all numbers are close, else what to tell the reader. */
type Difference = string | undefined;

/** Compares two numbers or arrays of numbers of any nesting. The answer names the worst element. */
export function compareNumbers(
  received: unknown,
  expected: unknown,
  { absolute = 1e-6, relative = 0 }: CloseTolerance = {},
): Difference {
  const left = flatten(received, "received");
  const right = flatten(expected, "expected");
  const shapes = [left.shape.join("x"), right.shape.join("x")];
  if (shapes[0] !== shapes[1]) {
    return `received shape [${shapes[0]}], expected shape [${shapes[1]}]`;
  }

  let far = 0;
  let worst = -1;
  let worstExcess = 0;
  for (const [index, want] of right.values.entries()) {
    const got = left.values[index] ?? Number.NaN;
    if (Object.is(got, want) || got === want) continue;
    const excess = Math.abs(got - want) / (absolute + relative * Math.abs(want));
    if (excess <= 1 && Number.isFinite(want)) continue;
    far += 1;
    // A NaN or infinite difference is worse than any finite one.
    const rank = Number.isFinite(excess) ? excess : Number.POSITIVE_INFINITY;
    if (worst < 0 || rank > worstExcess) {
      worst = index;
      worstExcess = rank;
    }
  }
  if (worst < 0) return undefined;
  const got = left.values[worst] ?? Number.NaN;
  const want = right.values[worst] ?? Number.NaN;
  return (
    `${far} of ${right.values.length} numbers differ; the worst is at [${position(worst, right.shape)}]: ` +
    `received ${got}, expected ${want}, difference ${Math.abs(got - want)}, ` +
    `allowed ${absolute + relative * Math.abs(want)} (absolute ${absolute}, relative ${relative})`
  );
}

interface Flat {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

function flatten(value: unknown, side: string): Flat {
  if (typeof value === "number") return { shape: [], values: [value] };
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const values = Array.from(value as unknown as ArrayLike<number | bigint>, Number);
    return { shape: [values.length], values };
  }
  if (!Array.isArray(value)) {
    throw new TypeError(
      `toBeAllClose: ${side} must be a number or an array of numbers, got ${typeof value}`,
    );
  }
  const parts = value.map((part: unknown) => flatten(part, side));
  const inner = parts[0]?.shape ?? [];
  if (parts.some((part) => part.shape.join() !== inner.join())) {
    throw new TypeError(`toBeAllClose: ${side} is a ragged array`);
  }
  return { shape: [parts.length, ...inner], values: parts.flatMap((part) => part.values) };
}

/** Coordinates of a flat index, `1, 0, 3`. */
function position(index: number, shape: readonly number[]): string {
  let rest = index;
  const coordinates: number[] = [];
  for (const size of shape.toReversed()) {
    coordinates.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return coordinates.join(", ");
}

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The matchers as `expect.extend` takes them. */
export const numericMatchers: {
  toBeAllClose(received: unknown, expected: unknown, tolerance?: CloseTolerance): MatcherResult;
} = {
  toBeAllClose(received, expected, tolerance) {
    const difference = compareNumbers(received, expected, tolerance);
    return {
      pass: difference === undefined,
      message: () => difference ?? "expected the numbers to differ, but all are close",
    };
  },
};

expect.extend(numericMatchers);
