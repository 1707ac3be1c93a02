import type { StandardSchemaV1 } from "../standard-schema.js";
import type { Layout } from "./layout.js";

/** A Hugging Face `config.json` as read: unknown keys are kept. */
export type RawConfig = Readonly<Record<string, unknown>>;

/**
 * An architecture package: config, layout, and (loaded on first use, so that planning needs no tensor library) the
 * model: forward pass and objectives.
 */
export interface Architecture<Config extends RawConfig = RawConfig> {
  readonly specVersion: "v1";
  /** Each Hugging Face `model_type` this package serves; the first is its own name. */
  readonly modelTypes: readonly string[];
  /** Hugging Face classes this package reads and writes; the first is the default. */
  readonly architectures: readonly string[];
  /** Schema of `config.json`, by Standard Schema and synchronous; fills in defaults and must keep unknown keys. */
  readonly config: StandardSchemaV1<unknown, Config>;
  /**
   * Keys of `config.json` that change the function at equal weights: activation, epsilon, ties. Sizes and heads are not
   * among them: growth changes these, and the layout tells.
   */
  readonly functionKeys: readonly string[];
  /**
   * Keys of `config.json` that go along with another when only that one is set for growth, where both were equal before:
   * `{ pooler_output_size: "hidden_size" }`.
   */
  readonly follows?: Readonly<Record<string, string>>;
  /**
   * Keys of `config.json` that hold a list with an entry for every layer, and the key of the number of these:
   * `{ layer_types: "num_hidden_layers" }`. The list goes on with its period when only the number is set for growth.
   */
  readonly perLayer?: Readonly<Record<string, string>>;
  /**
   * Further names that keys of `config.json` are read by, as transformers' `attribute_map` has them:
   * `{ num_hidden_layers: "n_layer" }`.
   */
  readonly aliases?: Readonly<Record<string, string>>;
  /**
   * Keys of `config.json` that are false of a checkpoint without the parts they stand for, by the start of those parts' names:
   * `{ add_pooling_layer: "pooler." }`.
   */
  readonly optionalParts?: Readonly<Record<string, string>>;
  /** Key of `config.json` that holds the epsilon of the norms; absent where it cannot be set. */
  readonly normEpsilon?: string;
  /** Layout for a checked config and one of `architectures`. */
  layout(config: Config, className: string): Layout;
  /**
   * Forward pass and objectives: resolves to a `ModelFactory` of `@ligo/nn`, which types it (`createModel`). Unknown
   * here, so that whoever only plans needs no tensor library's types.
   */
  model(): Promise<unknown>;
}

/** Freezes an architecture. No registry, no side effects: callers pass architectures around as values. */
export function defineArchitecture<Config extends RawConfig>(
  architecture: Architecture<Config>,
): Architecture<Config> {
  return Object.freeze(architecture);
}
