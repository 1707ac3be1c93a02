import type { WeightStorage } from "@ligo/core/layout";
import type * as tf from "@ligo/tfjs";
import { gatherRows } from "./blocks/embedding.js";
import { linear } from "./blocks/linear.js";

/**
 * A parameter that is made of others and need not exist as a tensor: a grown weight W' = B W A^T can be multiplied by
 * without being built, and an embedding's rows can be picked before they are grown.
 */
export interface LazyParameter {
  readonly kind: "lazy";
  readonly shape: readonly number[];
  /** The tensor itself. */
  materialise(): tf.Tensor;
  /**
   * x W^T + b for x [rows, in] and this [out, in], or [in, out] with the storage `in-out`; `readers` products read this
   * same x through the same space.
   */
  multiply(
    x: tf.Tensor2D,
    bias: tf.Tensor1D | undefined,
    readers: number,
    storage?: WeightStorage,
  ): tf.Tensor2D;
  /** Rows `ids` of this [entries, n]. */
  rows(ids: tf.Tensor1D): tf.Tensor2D;
}

/** Parameter of a forward pass: a tensor, or one that is made of others. */
export type Parameter = tf.Tensor | LazyParameter;

/** Dropout of a training step. */
export interface DropoutMasks {
  /** A mask of bools, true with probability 1 - `rate`, of its own for every call. */
  keep(shape: readonly number[], rate: number): tf.Tensor;
  /** Rate in the place of every rate of the config. Default: the config's. */
  readonly rate?: number | undefined;
}

/** Rows g `size` + r of groups g, some in every group to be kept, as a permutation: int32 [groups * size] each. */
export interface Partition {
  /** The rows that are kept, group by group and ascending, then the others likewise. */
  readonly order: tf.Tensor1D;
  /** Where in `order` each row stands. */
  readonly place: tf.Tensor1D;
}

/** Tokens and sequences that a training step leaves out, to save computing them. */
export interface Skipping {
  /** Share of the tokens of every sequence that the layers between the first and the last do not see. Default 0. */
  readonly tokens?: number | undefined;
  /** Share of the sequences that skip the last layer; less of those before. Default 0. */
  readonly layers?: number | undefined;
  /** Draws which `kept` rows of every group of `size` are kept, the first `whole` always; another draw for every call. */
  partition(options: {
    readonly groups: number;
    readonly size: number;
    readonly kept: number;
    readonly whole?: number;
  }): Partition;
}

/** The parameters of a model by canonical name. */
export interface Parameters {
  get(name: string): Parameter;
  has(name: string): boolean;
  /** In a training step with dropout, where its masks come from. Without it nothing is dropped. */
  readonly dropout?: DropoutMasks | undefined;
  /** In a training step that skips tokens or layers, which. Without it everything is computed. */
  readonly skipping?: Skipping | undefined;
}

const isLazy = (parameter: Parameter): parameter is LazyParameter =>
  "kind" in parameter && parameter.kind === "lazy";

/** Parameters that are plain tensors. */
export function tensorParameters(tensors: Readonly<Record<string, tf.Tensor>>): Parameters {
  return {
    get(name) {
      const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
      if (!tensor)
        throw new RangeError(
          `The forward pass asks for a parameter ${name} that the layout does not have.`,
        );
      return tensor;
    },
    has: (name) => Object.hasOwn(tensors, name),
  };
}

/** The same parameters in a training step with dropout. */
export function withDropout(parameters: Parameters, dropout: DropoutMasks | undefined): Parameters {
  return dropout === undefined
    ? parameters
    : {
        get: (name) => parameters.get(name),
        has: (name) => parameters.has(name),
        skipping: parameters.skipping,
        dropout,
      };
}

/** The same parameters in a training step that skips tokens or layers. */
export function withSkipping(parameters: Parameters, skipping: Skipping | undefined): Parameters {
  return skipping === undefined
    ? parameters
    : {
        get: (name) => parameters.get(name),
        has: (name) => parameters.has(name),
        dropout: parameters.dropout,
        skipping,
      };
}

/** The tensor of a parameter, in the shape the layout gives it; built if need be. */
export function asTensor<T extends tf.Tensor>(parameter: Parameter): T {
  return (isLazy(parameter) ? parameter.materialise() : parameter) as T;
}

/**
 * x W^T + b, for x [rows, in], plain or grown W [out, in] and b [out]: [rows, out].
 *
 * @param readers how many products read this same x (3 for query, key and value): what they can share of a grown weight.
 */
export function dense(
  x: tf.Tensor2D,
  weight: Parameter,
  bias?: Parameter,
  readers: number = 1,
): tf.Tensor2D {
  const b = bias === undefined ? undefined : asTensor<tf.Tensor1D>(bias);
  return isLazy(weight) ? weight.multiply(x, b, readers) : linear(x, weight as tf.Tensor2D, b);
}

/**
 * The same for a weight [in, out], as the `Conv1D` of GPT-2 stores it: x W + b, [rows, out]. Outputs that stand behind each other
 * (GPT-2's query, key and value) come as one.
 */
export function conv1d(
  x: tf.Tensor2D,
  weight: Parameter,
  bias?: Parameter,
  readers: number = 1,
): tf.Tensor2D {
  const b = bias === undefined ? undefined : asTensor<tf.Tensor1D>(bias);
  return isLazy(weight)
    ? weight.multiply(x, b, readers, "in-out")
    : linear(x, weight as tf.Tensor2D, b, "in-out");
}

/** Rows `ids` [rows] of a table [entries, n], plain or grown: [rows, n]. */
export function embedding(ids: tf.Tensor1D, table: Parameter): tf.Tensor2D {
  return isLazy(table) ? table.rows(ids) : gatherRows(ids, table as tf.Tensor2D);
}
