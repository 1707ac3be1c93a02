import type { Block } from "./blocks.js";
import type { Matrix, Operator } from "./operator.js";
import type { WidthMap } from "./map-rows.js";
import type { Multiply } from "./multiply.js";

/** The numbers an expression refers to. */
export type OperatorNumbers = Pick<Operator, "tensors">;

/** Use of a tensor of an operator, always the same: the map of an axis, or numbers that are needed `whole`. */
export type TensorUse = "axis" | "whole";

/**
 * The numbers that one tensor is computed from, given as they are asked for: at once where they are in memory, or read
 * meanwhile.
 */
export interface GivenNumbers {
  /**
   * A tensor of the operator; `undefined` where it holds none of this name. Of the map of an axis only the dense rows have
   * their numbers in the matrix.
   */
  map(name: string, use: TensorUse): Promise<WidthMap | undefined>;
  /** Numbers of source layer j, in `into` or elsewhere. */
  source(j: number, into: Float32Array): Promise<Float32Array>;
  /** Numbers of source layer j from `start` on, as many as `into` is long, in `into` or elsewhere. */
  sourcePart(j: number, into: Float32Array, start: number): Promise<Float32Array>;
  /** All source layers, one below the other, where there is place: those with a weight have their numbers, others are 0. */
  sourceLayers(weights: readonly number[]): Promise<Matrix | undefined>;
  /** All numbers of the matrix that a block belongs to, in source layer j. */
  matrixOf(block: Block, j: number, numbers: number): Promise<Float32Array>;
  /** Source layer j as a term grows it in width: `widen` makes it, once for all layers of a parameter. */
  widened(term: number, j: number, widen: () => Promise<Float32Array>): Promise<Float32Array>;
}

/** Memory for products and sums, whatever is in it. */
export interface Memory {
  float32(size: number): Float32Array;
  float64(size: number): Float64Array;
}

/** Everything beside its expression that computing a tensor takes. */
export interface Given {
  readonly numbers: GivenNumbers;
  readonly multiply: Multiply;
  readonly memory: Memory;
}
