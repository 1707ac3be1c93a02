import type { Expression } from "@ligo/core/operator";
import type * as tf from "@ligo/tfjs";
import type { WidthMap } from "./width-map.js";

/** The tensors that grown parameters are made of, and how. */
export interface GrowingTensors {
  readonly expressions: readonly Expression[];
  /** Source tensor of a parameter name with `{i}`; that of a stack has a leading axis for the source layers. */
  source(parameter: string): tf.Tensor;
  /** Width map of an operator tensor name. */
  map(name: string): WidthMap;
  /** Depth matrix [new layers, old layers] of an operator tensor name, or the matrix that mixes kinds. */
  depth(name: string): tf.Tensor2D;
  /** Numbers that are added to a grown tensor, by its canonical name: they stay what they are. Default none. */
  fresh?(name: string): tf.Tensor | undefined;
}
