import type { FindArchitectureOptions } from "../models/find-architecture.js";
import type { EngineName } from "../models/load-engine.js";

/** What is learned from, and how it is cut into batches. */
export interface TaskOptions extends FindArchitectureOptions {
  /** Name of the objective. Default: the one the model's class is made for. */
  readonly objective?: string | undefined;
  /** Files, folders and globs. */
  readonly data: readonly string[];
  /** Folder of the checkpoint, where a tokenizer is looked for. */
  readonly folder: string;
  /** Folder or file of the tokenizer. Default: in `folder`. */
  readonly tokenizer?: string | undefined;
  /** Sequences or images of a batch. */
  readonly batch: number;
  /** Tokens of a sequence; capped at what the model has positions for. */
  readonly sequence: number;
  /** What is held out: a fraction below 1, a number of blocks or images, or all of it. */
  readonly heldOut: number | "all";
  readonly seed: number;
  readonly engine: EngineName;
  readonly signal?: AbortSignal | undefined;
}
