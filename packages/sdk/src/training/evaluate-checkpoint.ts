import { existsSync } from "node:fs";
import { writeFileAtomically } from "@ligo/checkpoint";
import { evaluateModel, type ScoredEvaluation } from "./evaluate-model.js";
import { loadEngine, type EngineName } from "../models/load-engine.js";
import { openModel, type OpenModelOptions } from "../models/open-model.js";
import { peakMemoryBytes } from "../peak-memory.js";
import { openTask } from "../tasks/open-task.js";
import type { Scorer } from "../tasks/scorer.js";
import type { Task } from "../tasks/task.js";
import type { ImageTaskOptions, TextTaskOptions } from "../tasks/task-options.js";
import { silent, type Reporter } from "../reporter.js";
import { TRAIN_DEFAULTS } from "../train-defaults.js";
import { UsageError } from "../usage-error.js";

export interface EvaluateOptions extends OpenModelOptions, ImageTaskOptions, TextTaskOptions {
  readonly checkpoint: string;
  /** Files, folders and globs. */
  readonly data: readonly string[];
  /** Name of the objective. Default: the one the model's class is made for. */
  readonly objective?: string | undefined;
  /** File to write what was predicted to: the answers to questions by their ids, as SQuAD's evaluation takes them. */
  readonly predictions?: string | undefined;
  /** Judge by all of the data instead of what is held out. */
  readonly all?: boolean | undefined;
  readonly batch?: number | undefined;
  readonly sequence?: number | undefined;
  readonly seed?: number | undefined;
  readonly heldOut?: number | undefined;
  readonly tokenizer?: string | undefined;
  readonly engine?: EngineName | undefined;
  readonly reporter?: Reporter | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EvaluateResult extends ScoredEvaluation {
  readonly objective: string;
  /** Of text: blocks judged by, and tokens of a block. */
  readonly blocks?: number;
  readonly sequence?: number;
  /** Labelled texts judged by. */
  readonly texts?: number;
  /** Questions judged by. */
  readonly questions?: number;
  /** Images judged by. */
  readonly images?: number;
  /** Most memory the process held at once, in bytes. */
  readonly peak_memory_bytes: number;
}

/** Loss, perplexity, accuracy and scores of a checkpoint on data. Nothing is written. */
export async function evaluateCheckpoint(options: EvaluateOptions): Promise<EvaluateResult> {
  const engineName = options.engine ?? TRAIN_DEFAULTS.engine;
  const model = await openModel(options.checkpoint, options);
  try {
    const { spec } = model;
    const task = await openTask(spec, {
      ...options,
      folder: model.checkpoint.folder,
      batch: options.batch ?? TRAIN_DEFAULTS.batch,
      sequence: options.sequence ?? TRAIN_DEFAULTS.sequence,
      heldOut: options.all === true ? "all" : (options.heldOut ?? TRAIN_DEFAULTS.heldOut),
      seed: options.seed ?? TRAIN_DEFAULTS.seed,
      engine: engineName,
    });
    const { predictions: file } = options;
    const scorer = task.scorer?.();
    if (file !== undefined) checkPredictions(task, scorer, file);
    const evaluation = {
      engine: await loadEngine(engineName),
      spec,
      weights: await model.readAll(options.signal),
      task,
      batches: task.judgedBatches(),
      reporter: options.reporter ?? silent,
      signal: options.signal,
    };
    const found = await evaluateModel(evaluation, scorer);
    if (file !== undefined) {
      const predictions = JSON.stringify(scorer?.predictions?.(), undefined, 1);
      await writeFileAtomically(file, `${predictions}\n`);
    }
    return {
      objective: task.judgedBy,
      ...found,
      ...task.judgedSize,
      peak_memory_bytes: peakMemoryBytes(),
    };
  } finally {
    await model.close();
  }
}

/** Throws `cli/no-predictions` where a task has none to write, `cli/predictions-exist` where the file is there. */
function checkPredictions(task: Task, scorer: Scorer | undefined, file: string): void {
  if (scorer?.predictions === undefined) {
    throw new UsageError(
      "cli/no-predictions",
      `What ${task.judgedBy} predicts is not written to files; leave --predictions out.`,
      { file, expected: "question-answering", actual: task.judgedBy },
    );
  }
  if (!existsSync(file)) return;
  throw new UsageError("cli/predictions-exist", `${file} is there already; name another file.`, {
    file,
    expected: "no file",
  });
}
