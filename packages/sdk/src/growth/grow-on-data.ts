import { parameterCount, type Operator } from "@ligo/core";
import type { Context } from "../context.js";
import { createForecast, FORWARD_COST, type ForecastPart } from "../forecast.js";
import { loadEngine } from "../models/load-engine.js";
import type { ModelSource } from "../models/model-source.js";
import type { SourceRecord } from "../models/record-file.js";
import { recipeInputs, recipeSettings } from "../runs/recipe.js";
import type { Run } from "../runs/run.js";
import { JUDGED_EXAMPLES } from "../tasks/judged-amount.js";
import type { Task } from "../tasks/task.js";
import type { CheckedGrowSettings } from "../settings/types.generated.js";
import type { Timings } from "../timings.js";
import { methodOf } from "./grow-method.js";
import { openGrowthData, type GrowthData } from "./growth-data.js";
import { createGrowthJudge, lossesBefore } from "./judge-growth.js";
import type { GrowthLosses } from "./growth-losses.js";
import { learnOperator, type Learned, type LearningProgress } from "./learn-operator.js";
import type { OpenedOperator } from "./operator-file.js";
import type { Growth } from "./open-growth.js";
import type { Probe } from "./probe/facts.js";

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
  /** The data, where they are open already. */
  readonly data: GrowthData | undefined;
  /** The probe that chose the method, for the recipe. */
  readonly probe: Probe | undefined;
}

/** Learns the operator of a growth where there is a run, and takes the losses of both models unless told not to. */
export async function growOnData(options: GrowOnDataOptions): Promise<GrownOnData> {
  const { context, growth, run, settings, start, timings } = options;
  const { source } = growth;
  const { task, weights } =
    options.data ?? (await openGrowthData(growth, settings, context, timings));
  const engine = await loadEngine(settings.engine);
  const batches = task.judgedBatches(JUDGED_EXAMPLES);
  const forecast = createForecast(growthParts(options, batches.count));
  const judge = settings.evaluate
    ? createGrowthJudge({
        growth,
        engine,
        engineName: settings.engine,
        weights,
        task,
        batches,
        timings,
        context,
        forecast,
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
              probe: options.probe,
            },
            losses: before,
            timings,
            context,
            forecast,
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

/** Work of a growth: batches of held-out data, and steps of learning, by their cost in the grown model. */
function growthParts(
  { growth: { source, target }, run, settings }: GrowOnDataOptions,
  judged: number,
): Readonly<Record<string, ForecastPart>> {
  const smaller = parameterCount(source.spec.layout) / parameterCount(target.layout);
  const isJudged = settings.evaluate ? judged : 0;
  const before = run?.from === undefined ? isJudged : 0;
  return {
    source: { amount: before, cost: FORWARD_COST * smaller },
    start: { amount: run === undefined ? 0 : before, cost: FORWARD_COST },
    learn: {
      amount: run === undefined ? 0 : settings.steps - (run.from?.state.step ?? 0),
      cost: settings.accumulate,
    },
    grown: { amount: isJudged, cost: FORWARD_COST },
  };
}
