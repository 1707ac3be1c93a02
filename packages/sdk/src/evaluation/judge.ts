import { writeFileAtomically } from "@ligo/checkpoint";
import type { Engine } from "@ligo/engine";
import type { Context } from "../context.js";
import type { OpenedModel } from "../models/open-model.js";
import { peakMemoryBytes } from "../peak-memory.js";
import type { CheckedEvaluateSettings } from "../settings/types.generated.js";
import { openTask } from "../tasks/open-task.js";
import { createModelEvaluator } from "./evaluate-model.js";
import type { EvaluateResult } from "./evaluation.js";
import { checkPredictionsFile } from "./predictions-file.js";

/** A model ready to be judged on the same data again and again. */
export interface Judge {
  /** Loss, perplexity, accuracy and scores; predictions are written where a file is named for them. */
  judge(): Promise<EvaluateResult>;
  readonly dispose: () => Promise<void>;
}

/** Reads the data and compiles the evaluation of a model. */
export async function createJudge(
  model: OpenedModel,
  engine: Engine,
  settings: CheckedEvaluateSettings,
  context: Context,
): Promise<Judge> {
  const { spec } = model;
  const { predictions: file } = settings;
  if (file !== undefined) await checkPredictionsFile(file);
  const task = await openTask(spec, {
    ...context,
    ...settings,
    folder: await model.folder(),
    heldOut: settings.all ? "all" : settings.heldOut,
  });
  const evaluator = await createModelEvaluator({
    engine,
    spec,
    weights: await model.readAll(context.signal),
    task,
    batches: task.judgedBatches(),
    emit: context.emit,
    signal: context.signal,
  });
  return {
    async judge() {
      const scorer = task.scorer?.();
      const found = await evaluator.evaluate(scorer);
      if (file !== undefined) {
        const predictions = JSON.stringify(scorer?.predictions?.(), undefined, 1);
        await writeFileAtomically(file, `${predictions}\n`);
      }
      return {
        objective: task.judgedBy,
        ...found,
        ...task.judgedSize,
        peakMemoryBytes: peakMemoryBytes(),
      };
    },
    dispose: () => evaluator.dispose(),
  };
}
