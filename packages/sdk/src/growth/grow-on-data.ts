import type { Operator } from "@ligo/core";
import type { Context } from "../context.js";
import { loadEngine } from "../models/load-engine.js";
import type { ModelSource } from "../models/model-source.js";
import type { SourceRecord } from "../models/record-file.js";
import { recipeInputs, recipeSettings } from "../runs/recipe.js";
import type { Run } from "../runs/run.js";
import { JUDGED_EXAMPLES } from "../tasks/judged-amount.js";
import { microBatchSize } from "../tasks/micro-batches.js";
import { openTask } from "../tasks/open-task.js";
import type { Task } from "../tasks/task.js";
import type { CheckedGrowSettings } from "../settings/types.generated.js";
import type { Timings } from "../timings.js";
import { UsageError } from "../usage-error.js";
import { methodOf } from "./grow-method.js";
import { createGrowthJudge, lossesBefore } from "./judge-growth.js";
import type { GrowthLosses } from "./growth-losses.js";
import { learnOperator, type Learned, type LearningProgress } from "./learn-operator.js";
import type { OpenedOperator } from "./operator-file.js";
import type { Growth } from "./open-growth.js";

/** Results of a growth's data: the learned operator, and the losses before and after. */
export interface GrownOnData {
  readonly task: Task;
  readonly learned: Learned | undefined;
  readonly losses: GrowthLosses;
  /** Where the source comes from, where a run had to know. */
  readonly sourceRecord: SourceRecord | undefined;
  /** The grown weights by canonical name, where the losses needed them. */
  readonly grown: ReadonlyMap<string, Float32Array> | undefined;
}

export interface GrowOnDataOptions {
  readonly growth: Growth;
  /** Where learning starts, or the operator as it is. */
  readonly start: Operator | OpenedOperator;
  readonly settings: CheckedGrowSettings;
  readonly context: Context;
  readonly timings: Timings;
  readonly from: ModelSource;
  /** The run that learns; `undefined` where nothing is learned. */
  readonly run: Run | undefined;
}

/** Learns the operator of a growth where there is a run, and takes the losses of both models unless told not to. */
export async function growOnData(options: GrowOnDataOptions): Promise<GrownOnData> {
  const { context, growth, run, settings, start, timings } = options;
  const { base, source } = growth;
  const task = await timings.time("read", () => openGrowthTask(growth, settings, context));
  const { heldOut, objective, training } = task;
  context.emit({ type: "data", objective, training, heldOut });
  const weights = await timings.time("read", () => base.readAll(context.signal));
  const engine = await loadEngine(settings.engine);
  const judge = settings.evaluate
    ? createGrowthJudge({
        growth,
        engine,
        engineName: settings.engine,
        weights,
        task,
        batches: task.judgedBatches(JUDGED_EXAMPLES),
        timings,
        context,
      })
    : undefined;
  try {
    const known = run?.from?.state.progress as LearningProgress | undefined;
    const before =
      known?.losses ?? (await lossesBefore(judge, run === undefined ? undefined : start));
    const from = run && (await timings.time("hash", () => source.record()));
    const learned =
      run === undefined || "read" in start
        ? undefined
        : await learnOperator({
            settings,
            part: methodOf(settings).learns || "all",
            engine,
            plan: growth.plan,
            operator: start,
            target: growth.target,
            source: weights,
            task,
            run,
            recipe: {
              command: "grow",
              settings: recipeSettings(options.from, { ...settings }),
              inputs: recipeInputs({
                engine: engine.name,
                source: from,
                data: await timings.time("hash", () => task.fingerprint()),
              }),
            },
            losses: before,
            timings,
            context,
          });
    const losses: GrowthLosses =
      judge === undefined
        ? before
        : {
            ...before,
            grown: await judge.grown(learned?.operator ?? start, "grown"),
            judged: judge.judged,
          };
    return { task, learned, losses, sourceRecord: from, grown: judge?.weights };
  } finally {
    await judge?.dispose();
  }
}

async function openGrowthTask(
  { source, target }: Growth,
  settings: CheckedGrowSettings,
  context: Context,
): Promise<Task> {
  const task = await openTask(target, {
    ...context,
    ...settings,
    tokenizer: settings.tokenizer ?? settings.growVocabulary,
    data: settings.data ?? [],
    batch: microBatchSize(settings.batch, settings.accumulate),
    folder: await source.folder(),
  });
  if (task.teacher === undefined) return task;
  throw new UsageError(
    "sdk/teacher-of-growth",
    "An operator is learned from text alone. Leave `teacher` out, and give it to `train` afterwards.",
    { expected: "no teacher" },
  );
}
