import type { ScoredEvaluation } from "../evaluation/evaluation.js";
import type { MemoryModel } from "../models/model-source.js";

/** Facts of a training that is done. */
export interface TrainingFacts {
  readonly parameters: number;
  /** Steps done. */
  readonly steps: number;
  /** Whether a target loss was reached, where one was set. */
  readonly targetReached?: boolean;
  /** Loss of the last step on its batch. */
  readonly loss: number;
  /** Names of the objectives of training and of evaluation. */
  readonly objective: string;
  readonly judgedBy: string;
  /** Evaluation on held-out data, after the last step. */
  readonly heldOut: ScoredEvaluation;
  /** Tokens or images trained on. */
  readonly tokens?: number;
  readonly images?: number;
  /** Floating-point operations of the matrix products of all steps. */
  readonly flops: number;
  /** Seconds by what they were spent on. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Most memory the process held at once, in bytes. */
  readonly peakMemoryBytes: number;
  /** Names of the files that were written. */
  readonly files: readonly string[];
}

/** A trained model, in memory or in the folder it was written to, and how its training went. */
export interface TrainedModel extends MemoryModel, TrainingFacts {
  readonly command: "train";
  /** Files beside the weights, by name. */
  readonly companions: ReadonlyMap<string, Uint8Array>;
  /** Folder it was written to. */
  readonly out: string | undefined;
}
