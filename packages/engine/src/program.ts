import type * as tf from "@ligo/tfjs";
import type { DeviceUsage } from "./device-memory.js";

/** Shape and element type of a named tensor of a program. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
}

export type TensorSpecs = Readonly<Record<string, TensorSpec>>;
export type Tensors = Readonly<Record<string, tf.Tensor>>;
export type Numbers = Float32Array | Int32Array;

/** Rows of groups of the same size, of which some in every group are to be kept. */
export interface PartitionOptions {
  readonly groups: number;
  /** Rows of a group. */
  readonly size: number;
  /** Rows of a group that are kept, from 1 to `size`. */
  readonly kept: number;
  /** So many rows at the start of every group are always among those kept. Default 0. */
  readonly whole?: number;
}

/** Which rows are kept, as a permutation of all: row g `size` + r is row r of group g. */
export interface Partition {
  /** The rows that are kept, group by group and ascending, then the others likewise: int32 [groups * size]. */
  readonly order: tf.Tensor1D;
  /** Where in `order` each row stands, its inverse: int32 [groups * size]. */
  readonly place: tf.Tensor1D;
}

/** Source of the random masks of a step. */
export interface Masks {
  /**
   * A new mask, `bool`: true with probability 1 - `rate`. What it holds depends on nothing but the program's `seed`, the
   * run's input `seed`, and how many masks `build` drew before it; it is the same on every engine. `rate` is above 0 and
   * below 1.
   */
  keep(shape: readonly number[], rate: number): tf.Tensor;
  /** A new partition, each choice of rows as likely as any other. It counts as one more mask. */
  partition(options: PartitionOptions): Partition;
}

/**
 * Numbers that matrix products are made of: float32, or float16 for their operands and results. Everything else of a step,
 * its state and its inputs and outputs, is float32 either way.
 */
export type Precision = "f32" | "f16";

/**
 * One step, written once in TensorFlow.js ops and run by any engine. All shapes are static.
 *
 * - `state`: float32 tensors the step replaces (parameters, moments). They live in the engine from step to step.
 * - `frozen`: float32 tensors the step reads and never writes (source weights; the parameters, in an evaluation).
 * - `inputs`: what changes from step to step (batch, learning rate, step number, seed).
 *
 * `build` must be pure: it receives one tensor per declared name and returns the new state (a missing name keeps its
 * old value) and the outputs to hand back. It may be traced, so it must never read a tensor's values.
 */
export interface Program {
  readonly state: TensorSpecs;
  readonly frozen: TensorSpecs;
  readonly inputs: TensorSpecs;
  /**
   * Name of the output whose computation is a forward pass to be repeated, layer by layer, in the backward pass, so that
   * only the activations between layers are kept. An engine that runs eagerly keeps them all the same.
   */
  readonly recompute?: string;
  /** Default `f32`. An engine that cannot multiply in float16 throws `engine/no-half`. */
  readonly precision?: Precision;
  /**
   * Frozen tensors whose arrays no other program is given. In half precision an engine may hold them as products take them:
   * in float16, where nothing else reads them.
   */
  readonly unshared?: readonly string[];
  /**
   * A safe integer, of a program that draws masks. It also has an int32 input `seed`, one number: another for every run
   * whose masks are to be others, the same again to repeat them.
   */
  readonly seed?: number;
  build(tensors: { state: Tensors; frozen: Tensors; inputs: Tensors; masks: Masks }): {
    state?: Tensors;
    outputs: Tensors;
  };
}

/**
 * Starting values. The engine uses the arrays as they are, without copying, and they stay the place where numbers are read
 * from. Programs of one engine that are given the same array share what is in it: what one trains, another evaluates. Nobody
 * else writes to them while a program uses them, but with {@link CompiledProgram.write}.
 */
export interface ProgramValues {
  readonly state: Readonly<Record<string, Float32Array>>;
  readonly frozen: Readonly<Record<string, Float32Array>>;
}

/** Facts about a compiled program. */
export interface ProgramInfo {
  /** Operations in the executed graph; 0 where nothing is compiled. */
  readonly operations: number;
  /** Multiply-add FLOPs (2 m n k) of all matrix products of one step. */
  readonly matrixFlops: number;
  readonly compileSeconds: number;
  /** State tensors that the step writes in place, and those that need a copy after each step. */
  readonly inPlace: number;
  readonly copied: number;
  /** Whether operations that the engine's device lacks are computed on the CPU, so that numbers go to and fro in a step. */
  readonly usesHost?: boolean;
  /** What the device's programs hold there and moved so far, live, where the engine's device has memory of its own. */
  readonly device?: DeviceUsage;
}

/**
 * A program ready to run. State and frozen tensors stay where the engine computes, in the memory of a GPU perhaps, and move
 * only when they are asked for. Throws `engine/busy` where something is asked for while a step runs, or a step while
 * something moves, and `engine/disposed` after the end.
 */
export interface CompiledProgram {
  readonly info: ProgramInfo;
  /**
   * Brings the caller's arrays of these state tensors (default: all) up to date and resolves to them. They are to be read
   * only, and hold until the next step. Throws `engine/missing` where a name is not declared.
   */
  read(names?: readonly string[]): Promise<Readonly<Record<string, Float32Array>>>;
  /**
   * Makes numbers the newest values of state and frozen tensors. An array that is the caller's own, handed over when this
   * program was compiled, is taken as it is; any other is copied into it. Throws `engine/missing` and `engine/wrong-input`
   * where a name is not declared or an array has another size or type; nothing is written then.
   */
  write(values: Partial<ProgramValues>): Promise<void>;
  /** Runs one step. Every declared input must be given, with exactly its number of elements. */
  run(inputs: Readonly<Record<string, Numbers>>): Promise<Record<string, Numbers>>;
  /**
   * Frees what the engine holds. The caller's arrays are not brought up to date: whoever wants their values reads them
   * before.
   */
  dispose(): Promise<void>;
}

/** Compiles and executes programs. */
export interface Engine {
  readonly name: string;
  compile(program: Program, values: ProgramValues): Promise<CompiledProgram>;
}
