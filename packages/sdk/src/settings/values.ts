import type { Method } from "@ligo/core";
import type { EngineName } from "../models/engine-name.js";
import type { TargetConfig } from "../growth/target-config.js";

export type { EngineName, Method, TargetConfig };

/** Numbers for an input of a model, row-major. */
export interface InputTensor {
  readonly shape: readonly number[];
  readonly data: Int32Array | Float32Array | readonly number[];
}

/** Inputs of a forward pass by name (`input_ids`, `pixel_values`, `labels`, ...), or a safetensors file of them. */
export type ForwardInputs = string | Readonly<Record<string, InputTensor>>;

/** A part of independent work: the `index`th of `count`, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}
