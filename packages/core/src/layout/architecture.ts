import type * as z from "../zod.js";
import type { Layout } from "./layout.js";

/** A Hugging Face `config.json` as read: unknown keys are kept. */
export type RawConfig = Readonly<Record<string, unknown>>;

/**
 * An architecture package: config, layout, and (loaded on first use, so that planning needs no tensor library) the
 * model: forward pass and objectives. `Model` is defined by `@ligo/nn`.
 */
export interface Architecture<Config extends RawConfig = RawConfig, Model = unknown> {
  readonly specVersion: "v1";
  /** Hugging Face `model_type`. */
  readonly modelType: string;
  /** Hugging Face classes this package reads and writes; the first is the default. */
  readonly architectures: readonly string[];
  /** Schema of `config.json`; must keep unknown keys. */
  readonly config: z.ZodType<Config>;
  /**
   * Keys of `config.json` that go along with another when only that one is set for growth, where both were equal before:
   * `{ pooler_output_size: "hidden_size" }`.
   */
  readonly follows?: Readonly<Record<string, string>>;
  /** Key of `config.json` that holds the epsilon of the norms; absent where it cannot be set. */
  readonly normEpsilon?: string;
  /** Layout for a checked config and one of `architectures`. */
  layout(config: Config, className: string): Layout;
  /** The forward pass and objectives. */
  model(): Promise<Model>;
}

/** Freezes an architecture. No registry, no side effects: callers pass architectures around as values. */
export function defineArchitecture<Config extends RawConfig, Model>(
  architecture: Architecture<Config, Model>,
): Architecture<Config, Model> {
  return Object.freeze(architecture);
}
