import type { Operator, Plan, RawConfig } from "@ligo/core";
import type { RowGrowth } from "@ligo/core/stream";
import type { MemoryModel } from "../models/model-source.js";
import type { MomentCounts } from "../moments/moments.js";
import type { GrowthLosses } from "./growth-losses.js";
import type { RowFacts } from "./row-facts.js";

/** A grown model, in memory or in the folder it was written to, and how it was grown. */
export interface GrownModel extends MemoryModel {
  readonly command: "grow";
  /** Files beside the weights, by name. Of a model in a folder they are read when they are first asked for. */
  readonly companions: ReadonlyMap<string, Uint8Array>;
  /** How every tensor is made; absent of a run that was finished before, where its source is gone. */
  readonly plan: Plan | undefined;
  /** The numbers that it was grown by. Of a model in a folder they are read when they are first asked for. */
  readonly operator: Operator;
  /** Keys of its config that a word, or a number of parameters, stood for. */
  readonly to?: RawConfig;
  /** Folder it was written to. */
  readonly out: string | undefined;
  /** Name of the method, or `operator` where that came from a file. */
  readonly method: string;
  /** Whether the grown model computes the source's function, up to rounding. */
  readonly keepsFunction: boolean;
  /** Why it does not; empty where it does. */
  readonly reasons: readonly string[];
  readonly parameters: { readonly source: number; readonly target: number };
  /** Tables that have other rows than the source's: tokens, learned positions. */
  readonly rows: readonly RowFacts[];
  /** How these rows came about; of a model in a folder its operator's file tells. */
  readonly rowGrowths?: readonly RowGrowth[];
  /** Name of the objective that was learned and judged by; null without data. */
  readonly objective: string | null;
  /** What was taken over of the optimiser's moments; absent where the source has none, or they were left. */
  readonly carriedMoments?: MomentCounts;
  /** Losses on the same held-out batches; empty without data. */
  readonly losses: GrowthLosses;
  /** Seconds by what they were spent on. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Floating-point operations of the matrix products of learning; null where nothing was learned or counted. */
  readonly flops: number | null;
  /** Most memory the process held at once, in bytes. */
  readonly peakMemoryBytes: number;
  /** Names of the files that were written. */
  readonly files: readonly string[];
  /** Bytes of the weights. */
  readonly bytes: number;
}

/** Facts of a growth, beside the model itself. */
export type GrownFacts = Omit<
  GrownModel,
  "config" | "tensors" | "companions" | "moments" | "operator" | "plan" | "out" | "rowGrowths"
>;
