import type { OutputDtype } from "@ligo/checkpoint";
import type { KeptFunction, Operator } from "@ligo/core";
import type { TensorOrigins } from "@ligo/core/operator";
import type { Context } from "../context.js";
import type { SourceRecord } from "../models/record-file.js";
import type { CheckedGrowSettings } from "../settings/types.generated.js";
import type { Task } from "../tasks/task.js";
import type { Timings } from "../timings.js";
import type { GrownMoments } from "./grow-moments.js";
import type { GrowthLosses } from "./growth-losses.js";
import type { OpenedOperator } from "./operator-file.js";
import type { Growth } from "./open-growth.js";

/** Everything a grown model is written from. */
export interface GrownContents {
  readonly growth: Growth;
  /** The operator; where it is a file, that is copied. */
  readonly operator: Operator | OpenedOperator;
  readonly settings: CheckedGrowSettings;
  /** Settings that were used, for the record. */
  readonly recorded: Readonly<Record<string, unknown>>;
  /** Name of the method, or `operator` where that came from a file. */
  readonly method: string;
  readonly kept: KeptFunction;
  readonly parameters: { readonly source: number; readonly target: number };
  /** Dtype of the written weights. */
  readonly dtype: OutputDtype;
  /** Data that were read, where there were some. */
  readonly task: Task | undefined;
  readonly losses: GrowthLosses;
  /** Floating-point operations of learning; null where nothing was learned or counted. */
  readonly flops: number | null;
  /** Where the source comes from, where that is known already. */
  readonly sourceRecord: SourceRecord | undefined;
  /** All grown weights by canonical name, where they are in memory already. */
  readonly grown: ReadonlyMap<string, Float32Array> | undefined;
  /** The origins of all entries; found when they are first asked for. */
  readonly origins: () => Promise<readonly TensorOrigins[]>;
  /** The optimiser's moments, where the source has some. */
  readonly moments: GrownMoments | undefined;
  /** Files of the run that lie in the same folder. */
  readonly further: readonly string[];
  readonly timings: Timings;
  readonly context: Context;
}
