import type { ExtraFile } from "@ligo/checkpoint";
import type { FlopsOptions } from "@ligo/core";
import type { Numbers, TensorSpecs } from "@ligo/engine";
import type { ModelSpec } from "../models/model-spec.js";
import type { Scorer } from "./scorer.js";

/** The arrays of a batch, by the names that its specs have. */
export type Feeds = Readonly<Record<string, Numbers>>;

/** Another model that is asked within the step what it would answer. */
export interface TaskTeacher {
  readonly spec: ModelSpec;
  /** By canonical name. */
  weights(): Promise<ReadonlyMap<string, Float32Array>>;
  /** What its answers and the student's are softened by. */
  readonly temperature: number;
}

/** What a model learns, and from what: data cut into batches for one objective. */
export interface Task {
  /** Name of the objective that training minimises. */
  readonly objective: string;
  /** Name of the objective that models are judged by. */
  readonly judgedBy: string;
  /** What a training batch holds. */
  readonly specs: TensorSpecs;
  /** What a batch to judge by holds. */
  readonly judgedSpecs: TensorSpecs;
  /** Whom text is also learned from. */
  readonly teacher?: TaskTeacher | undefined;
  /** What work is counted in, and how much of it a batch is. */
  readonly unit: "tokens" | "images";
  readonly unitsPerBatch: number;
  /** Batches until all training data have been seen. */
  readonly batchesPerEpoch: number;
  /** What estimates of a training step's operations need to know. */
  readonly cost: FlopsOptions;
  /** How much data there is, for people: `240 blocks of 128 tokens`. */
  readonly training: string;
  readonly heldOut: string;
  /** What is held out, for machines. */
  readonly judgedSize: Readonly<Record<string, number>>;
  /** The training batch of `step` (0, 1, ...); depends on nothing but the seed and `step`. */
  batch(step: number): Promise<Feeds>;
  /** The fixed batches to judge by: all that is held out, or at most so many batches spread evenly over it. */
  judgedBatches(limit?: number): JudgedBatches;
  /** What one evaluation is scored with beside loss and accuracy, where there is more to say. */
  scorer?(): Scorer;
  /** What the batches were asked for beside what all tasks are, for records. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** A hash that tells these data from others: the same wherever their files lie. */
  fingerprint(): Promise<string>;
  /** Files that belong beside the weights: a tokenizer, a preprocessor's config. */
  readonly files: readonly ExtraFile[];
}

/** A list of batches that need not be in memory together. */
export interface JudgedBatches {
  readonly count: number;
  at(index: number): Promise<Feeds>;
}
