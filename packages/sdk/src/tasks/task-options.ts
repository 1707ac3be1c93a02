import type { Context } from "../context.js";
import type { EngineName } from "../models/engine-name.js";
import type { CheckedTrainSettings } from "../settings/types.generated.js";

/** Settings of data that tasks read, whatever the command; those that a command lacks are left out. */
type DataSettings = Pick<
  CheckedTrainSettings,
  | "evalData"
  | "textColumn"
  | "labelColumn"
  | "stride"
  | "skipBadRows"
  | "dataWeights"
  | "cache"
  | "tokenizer"
  | "processor"
  | "augment"
  | "stochasticDepth"
  | "objective"
  | "teacher"
  | "teacherSteps"
  | "temperature"
>;

/** Data that are learned from, and how they are cut into batches. */
export interface TaskOptions extends Context, Partial<DataSettings> {
  /** Files, folders and globs; `hf://datasets/...` for those on the Hugging Face hub. */
  readonly data: readonly string[];
  /** Folder to look for a tokenizer or a preprocessor in. */
  readonly folder: string;
  /** Sequences or images of a batch. */
  readonly batch: number;
  /** Tokens of a sequence; capped at the positions of the model. */
  readonly sequence: number;
  /** Part that is held out: a fraction below 1, a number of blocks or images, or all of it. */
  readonly heldOut: number | "all";
  readonly seed: number;
  readonly engine: EngineName;
  readonly architecture?: string | undefined;
  /** File that answers are written to by id. */
  readonly predictions?: string | undefined;
}
