import { createRandom, type Random } from "@ligo/core";
import type * as tf from "@ligo/tfjs";
import type { Engine, Numbers, Precision, Program, TensorSpec } from "../program.js";

/** A named input of a test program: its numbers and what to declare. */
export interface Given extends TensorSpec {
  readonly data: Numbers;
}

export type Givens = Readonly<Record<string, Given>>;

/** Computation of a kernel test on its inputs. */
export type Build = (inputs: Readonly<Record<string, tf.Tensor>>) => Readonly<Record<string, tf.Tensor>>;

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** A program without state that hands back what `build` makes of its inputs. */
function statelessProgram(givens: Givens, build: Build, precision: Precision): Program {
  const inputs = Object.fromEntries(
    Object.entries(givens).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
  );
  return {
    state: {},
    frozen: {},
    inputs,
    precision,
    build: (tensors) => ({ outputs: build(tensors.inputs) }),
  };
}

/** Compiles, runs once and disposes. */
export async function runOnce(
  engine: Engine,
  givens: Givens,
  build: Build,
  precision: Precision = "f32",
): Promise<Record<string, Numbers>> {
  const compiled = await engine.compile(statelessProgram(givens, build, precision), {
    state: {},
    frozen: {},
  });
  try {
    return await compiled.run(
      Object.fromEntries(Object.entries(givens).map(([name, { data }]) => [name, data])),
    );
  } finally {
    await compiled.dispose();
  }
}

/** Random shapes and tensors of a seed. */
export interface Draw {
  readonly random: Random;
  /** An integer from `from` to `to`. */
  between(from: number, to: number): number;
  pick<T>(choices: readonly T[]): T;
  /** Axis sizes from 1 to 4. */
  shape(rank: number): number[];
  permutation(rank: number): number[];
  /** Normal numbers. */
  floats(shape: readonly number[]): Given;
  /** Numbers from 0.25 to 2.25. */
  positives(shape: readonly number[]): Given;
  /** Whole numbers from `from` to `to`, as int32. */
  integers(shape: readonly number[], from: number, to: number): Given;
  /** Whole numbers from -1 to 1, as float32: many are equal. */
  steps(shape: readonly number[]): Given;
}

export function createDraw(seed: number): Draw {
  const random = createRandom(seed);
  const between = (from: number, to: number): number => from + random.integer(to - from + 1);
  const floats = (shape: readonly number[], number: () => number): Given => ({
    shape,
    dtype: "float32",
    data: Float32Array.from({ length: sizeOf(shape) }, number),
  });
  return {
    random,
    between,
    pick: (choices) => choices[random.integer(choices.length)] as (typeof choices)[number],
    shape: (rank) => Array.from({ length: rank }, () => between(1, 4)),
    permutation(rank) {
      const axes = Array.from({ length: rank }, (_, axis) => ({ axis, key: random.uniform() }));
      return axes.toSorted((a, b) => a.key - b.key).map(({ axis }) => axis);
    },
    floats: (shape) => floats(shape, random.normal),
    positives: (shape) => floats(shape, () => 0.25 + 2 * random.uniform()),
    integers: (shape, from, to) => ({
      shape,
      dtype: "int32",
      data: Int32Array.from({ length: sizeOf(shape) }, () => between(from, to)),
    }),
    steps: (shape) => floats(shape, () => between(-1, 1)),
  };
}
