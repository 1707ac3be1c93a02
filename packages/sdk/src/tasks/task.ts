import type { ExtraFile } from "@ligo/checkpoint";
import type { FlopsOptions } from "@ligo/core";
import type { Numbers, TensorSpecs } from "@ligo/engine";
import type { DataAmount, JudgedAmount } from "../data-amount.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Scorer } from "./scorer.js";

/** The arrays of a batch, by the names that its specs have. */
export type Feeds = Readonly<Record<string, Numbers>>;

/** Another model, whose answers are learned from within the step. */
export interface TaskTeacher {
  readonly spec: ModelSpec;
  /** By canonical name. */
  weights(): Promise<ReadonlyMap<string, Float32Array>>;
  /** Divisor of the logits of both. */
  readonly temperature: number;
}

/** Tokens of texts in a file, and how they become the blocks and masks of a task. */
export interface TokenFacts {
  /** File of the cache; null where tokens are held in memory. */
  readonly file: string | null;
  /** SHA-256 of the ids as little-endian int32. */
  readonly sha256: string;
  readonly count: number;
  /** Tokens of a block, framing included. */
  readonly sequence: number;
  /** Tokens that open and close every block; null where there are none. */
  readonly frame: readonly [number, number] | null;
  /** Blocks held out, drawn by the seed. */
  readonly heldOut: number;
  /** Seed of the order and the masks. */
  readonly seed: number;
  /** Masking of masked language models; null of others. */
  readonly masking: {
    readonly token: number;
    readonly special: readonly number[];
    readonly vocabulary: number;
    readonly fraction: number;
  } | null;
}

/** Data cut into batches for one objective. */
export interface Task {
  /** Name of the objective that training minimises. */
  readonly objective: string;
  /** Name of the objective that models are judged by. */
  readonly judgedBy: string;
  /** Tensors of a training batch. */
  readonly specs: TensorSpecs;
  /** Tensors of a batch to judge by. */
  readonly judgedSpecs: TensorSpecs;
  /** Language model that is also learned from. */
  readonly teacher?: TaskTeacher | undefined;
  /** Unit of work, and its number in a batch. */
  readonly unit: "tokens" | "images";
  readonly unitsPerBatch: number;
  /** Batches until all training data have been seen. */
  readonly batchesPerEpoch: number;
  /** Sizes that estimates of a training step's operations are made from. */
  readonly cost: FlopsOptions;
  /** Data to learn from, and those that are held out. */
  readonly training: DataAmount;
  readonly heldOut: DataAmount;
  /** Held-out data as results name them. */
  readonly judgedSize: Readonly<Record<string, number>>;
  /** The training batch of `step` (0, 1, ...); depends on nothing but the seed and `step`. */
  batch(step: number): Promise<Feeds>;
  /**
   * The fixed batches to judge by: all that is held out, or at most so many blocks or images spread evenly over it. Labelled
   * texts and questions are never limited.
   */
  judgedBatches(limit?: number): JudgedBatches;
  /** Scores of an evaluation beside loss and accuracy, where the task has some. */
  scorer?(): Scorer;
  /** Settings that this task alone reads, for records. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where tokens are and how batches are made of them, of language models. */
  tokens?(): TokenFacts | undefined;
  /** A hash that tells these data from others: the same wherever their files lie. */
  fingerprint(): Promise<string>;
  /** Files that belong beside the weights: a tokenizer, a preprocessor's config. */
  readonly files: readonly ExtraFile[];
}

/** A list of batches that need not be in memory together. */
export interface JudgedBatches {
  readonly count: number;
  /** Data that they hold. */
  readonly judged: JudgedAmount;
  at(index: number): Promise<Feeds>;
}
