import type { Operator, OperatorPart, Plan } from "@ligo/core";
import type { Engine } from "@ligo/engine";
import type { OperatorRates } from "@ligo/train";
import { loadObjective } from "../models/load-model.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Recipe } from "../runs/recipe.js";
import type { Run, StepToSave } from "../runs/run-folder.js";
import { runSteps } from "../runs/run-steps.js";
import { readStart, writeOptimizer } from "../runs/stepper-checkpoint.js";
import { microBatches } from "../tasks/micro-batches.js";
import type { Task } from "../tasks/task.js";
import { formatSeconds } from "@ligo/report";
import type { Reporter } from "../reporter.js";
import { watchSteps } from "../watch-steps.js";
import { checkLoss } from "../training/diverged.js";
import {
  dropoutOf,
  optimizerOf,
  scheduleOf,
  type OptimizationSettings,
} from "../training/optimization-options.js";
import type { StepMetrics } from "../training/metrics-file.js";
import type { Timings } from "../timings.js";
import type { GrowthLosses } from "./growth-losses.js";
import { writeOperator } from "./write-grown.js";

export interface LearnOptions extends OptimizationSettings {
  readonly engine: Engine;
  readonly plan: Plan;
  readonly operator: Operator;
  /** What of the operator is learned. Default `all`. */
  readonly learn?: OperatorPart;
  readonly target: ModelSpec;
  readonly source: ReadonlyMap<string, Float32Array>;
  readonly task: Task;
  readonly steps: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly rates: OperatorRates;
  readonly seed: number;
  /** Micro-batches of an update; the task's batches are such. */
  readonly accumulate: number;
  readonly checkpointActivations: boolean;
  /** The run, which begins when the step is compiled. */
  readonly run: Run;
  readonly recipe: Recipe;
  /** What was found before learning, to be remembered in checkpoints. */
  readonly losses: GrowthLosses;
  readonly reporter: Reporter;
  readonly timings: Timings;
  readonly signal?: AbortSignal | undefined;
}

/** What a checkpoint remembers beside operator and optimiser. */
export interface LearningProgress {
  /** Loss of the last step, on its training batch. */
  readonly loss: number | null;
  readonly losses: GrowthLosses;
}

/** A learned operator and what it took. */
export interface Learned {
  readonly operator: Operator;
  /** Floating-point operations of the matrix products of all steps; null where the engine does not count them. */
  readonly flops: number | null;
  /** Loss of the last step, on its training batch. */
  readonly lastLoss: number;
  /** Saves a checkpoint of the last step. */
  save(): Promise<void>;
}

/** Learns an operator by the objective of a task, notes every step in the metrics of a run and saves checkpoints. */
export async function learnOnTask(options: LearnOptions): Promise<Learned> {
  const { accumulate, engine, reporter, steps, target, task, timings } = options;
  const { learnOperator } = await import("@ligo/train");
  const { run } = options;
  const { from } = run;
  const objective = await loadObjective(target, task.objective);
  const start = from && (await readStart(from, new Map()));
  const learner = await timings.time("compile", () =>
    learnOperator(engine, {
      plan: options.plan,
      operator: options.operator,
      objective,
      batch: task.specs,
      source: options.source,
      rates: options.rates,
      ...(options.learn === undefined ? {} : { learn: options.learn }),
      optimizer: optimizerOf(options),
      dropout: dropoutOf(options, options.seed),
      accumulate,
      checkpointActivations: options.checkpointActivations,
      start,
    }),
  );
  reporter.note(`Step compiled in ${formatSeconds(learner.compiled.info.compileSeconds)}.`);
  try {
    await run.begin(options.recipe);
    const schedule = await scheduleOf(options);
    const { matrixFlops } = learner.compiled.info;
    const { unit } = task;
    const amount = accumulate * task.unitsPerBatch;
    let lastLoss = (from?.state.progress as LearningProgress | undefined)?.loss ?? null;
    const save = (step: number): StepToSave => ({
      step,
      progress: { loss: lastLoss, losses: options.losses } satisfies LearningProgress,
      async write(folder) {
        await writeOperator(folder, learner.operator());
        await writeOptimizer(folder, learner.compiled, new Map());
      },
    });
    const watch = watchSteps({ phase: "learn", steps, unit, amount, reporter });
    await runSteps({
      run,
      steps,
      signal: options.signal,
      async update(index) {
        watch.begin();
        const step = index + 1;
        const rate = schedule(index);
        const batches = await microBatches(task, index, accumulate);
        const { loss, gradientNorm } = await timings.time("learn", () =>
          learner.step(batches, rate),
        );
        checkLoss(loss, step, gradientNorm);
        lastLoss = loss;
        const line: StepMetrics = {
          step,
          loss,
          gradient_norm: gradientNorm,
          learning_rate: rate,
          [unit]: step * amount,
          flops: step * matrixFlops,
          seconds: timings.seconds["learn"] ?? 0,
          ...watch.done(step, { loss, flops: step * matrixFlops }),
        };
        await run.metrics.append({ ...line });
      },
      save,
    });
    return {
      operator: learner.operator(),
      flops: matrixFlops > 0 ? matrixFlops * steps : null,
      lastLoss: lastLoss ?? Number.NaN,
      save: () => run.save(save(steps)),
    };
  } finally {
    await learner.compiled.dispose();
  }
}
