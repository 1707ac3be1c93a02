import type { MetricsFile } from "../training/metrics-file.js";
import type { Recipe } from "./recipe.js";
import type { RunCheckpoint } from "./run-checkpoints.js";
import type { RunFacts } from "./run-status.js";

/** Facts of a step that is saved. */
export interface StepToSave {
  readonly step: number;
  /** JSON that the command finds again as `from.state.progress`. */
  readonly progress: unknown;
  readonly heldOutLoss?: number | undefined;
  /** Writes everything else into the checkpoint's folder. */
  readonly write: (folder: string) => Promise<void>;
}

/** A run: work of many steps that is saved on its way and can be taken up again. */
export interface Run {
  /** The checkpoint to go on from; `undefined` at the beginning. */
  readonly from: RunCheckpoint | undefined;
  /** Lines of `metrics.jsonl`; from `begin` on. */
  readonly metrics: MetricsFile;
  /**
   * Everything is ready for the first step: the folder of a new run appears, a resumed one is held against its recipe.
   * Throws `run/changed`, `run/damaged-metrics`, `OutputError`.
   *
   * @param facts known before the first step, for whoever watches
   */
  begin(recipe: Recipe, facts: RunFacts): Promise<void>;
  /** Whether a checkpoint is due after a step. */
  isDue(step: number): boolean;
  /** Saves a checkpoint, unless there is one of this step. */
  save(step: StepToSave): Promise<void>;
  /**
   * A step went well: the weights it began with are good, and so is a checkpoint of them. Only now those that are too many
   * are removed.
   */
  confirm(): Promise<void>;
  /** Ends the run: what `write` writes into a folder is moved to the top of the run's, its `ligo.json` last. */
  finish<T>(write: (folder: string) => Promise<T>): Promise<T>;
}

/** A run that leaves nothing on the disk: it cannot be taken up again, and has nothing to finish. */
export const memoryRun: Run = {
  from: undefined,
  metrics: {
    append: async () => undefined,
    mark: async () => ({ bytes: 0, sha256: "" }),
    close: async () => undefined,
  },
  begin: async () => undefined,
  isDue: () => false,
  save: async () => undefined,
  confirm: async () => undefined,
  async finish() {
    throw new Error("A run in memory has no folder to finish.");
  },
};
