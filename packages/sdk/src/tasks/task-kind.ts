import type { RawConfig } from "@ligo/core";
import type { Objective, ObjectiveAnswer, ObjectiveData } from "@ligo/nn";
import type { ModelSpec } from "../models/model-spec.js";
import type { CheckedEvaluateSettings, CheckedTrainSettings } from "../settings/types.generated.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";

/** An objective of a model, and its name there. */
export interface NamedObjective {
  readonly name: string;
  readonly objective: Objective;
}

/** Where a task's labels and padding are read from. */
export type LabelSource = Pick<
  TaskOptions,
  | "data"
  | "downloads"
  | "emit"
  | "folder"
  | "labelColumn"
  | "signal"
  | "skipBadRows"
  | "textColumn"
  | "tokenizer"
>;

/** Labels of the heads that a task trains: named by the data, or by the class itself. */
export type TaskLabels =
  | {
      readonly by: "data";
      /** Keys of a `config.json` for the labels of the data; `count` labels where that is given. */
      read(source: LabelSource, count: number | undefined): Promise<RawConfig>;
    }
  | { readonly by: "class" };

/** The way from data to batches, for all objectives that learn the same from them. */
export interface TaskKind {
  readonly data: ObjectiveData;
  readonly learns: readonly ObjectiveAnswer[];
  /** Its data in words, as in "learns from ...". */
  readonly words: string;
  /** Settings that it reads, of those that not every task does. */
  readonly reads: readonly (keyof CheckedTrainSettings | keyof CheckedEvaluateSettings)[];
  /** Absent: heads without labels. */
  readonly labels?: TaskLabels;
  /** Whether texts of a batch are padded to one length. */
  readonly padded: boolean;
  /** Reads the data and cuts them into batches. */
  open(objective: NamedObjective, spec: ModelSpec, options: TaskOptions): Promise<Task>;
}
