import type { RawConfig } from "@ligo/core";
import type { ModelMoments } from "../moments/moments.js";

/** Numbers of a tensor as they are decoded: floats as float32 (F64 as float64), integers as they are. */
export type TensorNumbers = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;

/** A tensor of a model. */
export interface ModelTensor {
  /** Dtype it is stored in, as safetensors spells it: `F32`, `BF16`, ... */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Row-major. Of a model in a folder they are read, blocking, when they are first asked for. */
  readonly data: TensorNumbers;
}

/** A model in memory. */
export interface MemoryModel {
  /** Keys of its `config.json`. */
  readonly config: RawConfig;
  /** By their names on disk; tied copies are not there twice. */
  readonly tensors: ReadonlyMap<string, ModelTensor>;
  /** Files that belong beside the weights, by name: tokenizer, preprocessor, generation config. */
  readonly companions?: ReadonlyMap<string, Uint8Array> | undefined;
  /** An optimiser's moments, which a growth or a training takes over. */
  readonly moments?: ModelMoments | undefined;
}

/**
 * A model to start from: a folder, a `.safetensors` file beside its `config.json`, an id on the Hugging Face hub
 * (`org/name[@revision]`), or a model in memory, such as a grown one.
 */
export type ModelSource = string | MemoryModel;

/** A model to be trained from scratch, by its config; beside it its tokenizer, where none is named. */
export type NewModel = Pick<MemoryModel, "config" | "companions">;

/** A model to train on; or a `config.json`, or the keys of one, to train a new model by. */
export type TrainSource = ModelSource | NewModel;
