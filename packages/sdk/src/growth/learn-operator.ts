import type { Operator, Plan } from "@ligo/core";
import { modelSize } from "@ligo/core/cost";
import type { OperatorPart } from "@ligo/core/operator";
import type { Engine } from "@ligo/engine";
import type { OperatorLearningOptions, StepperStart } from "@ligo/train";
import type { Context } from "../context.js";
import type { Forecast } from "../forecast.js";
import { loadMultiply } from "../models/load-engine.js";
import { loadObjective } from "../models/load-model.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Recipe } from "../runs/recipe.js";
import type { Run, StepToSave } from "../runs/run.js";
import { runSteps } from "../runs/run-steps.js";
import { readStart, writeOptimizer } from "../runs/stepper-checkpoint.js";
import { microBatches } from "../tasks/micro-batches.js";
import type { Task } from "../tasks/task.js";
import { watchSteps } from "../watch-steps.js";
import { checkUpdate } from "../training/diverged.js";
import { dropoutOf, optimizerOf, scheduleOf } from "../training/optimization.js";
import type { StepMetrics } from "../training/metrics-file.js";
import { updateFacts, updateMetrics } from "../training/update-facts.js";
import { TRAINING_RATE } from "../settings/optimization.js";
import type { CheckedGrowSettings } from "../settings/types.generated.js";
import type { Timings } from "../timings.js";
import type { GrowthLosses } from "./growth-losses.js";
import { writeOperator } from "./operator-file.js";

export interface LearnOptions {
  readonly settings: CheckedGrowSettings;
  readonly engine: Engine;
  readonly plan: Plan;
  readonly operator: Operator;
  /** Part of the operator that is learned. */
  readonly part: OperatorPart;
  readonly target: ModelSpec;
  /** Weights of the source, by canonical name. */
  readonly source: ReadonlyMap<string, Float32Array>;
  /** Its batches are micro-batches. */
  readonly task: Task;
  /** The run, which begins when the step is compiled. */
  readonly run: Run;
  readonly recipe: Recipe;
  /** Losses before learning, to be remembered in checkpoints. */
  readonly losses: GrowthLosses;
  readonly timings: Timings;
  readonly context: Pick<Context, "emit" | "signal">;
  /** Forecast of the growth, in which steps are of `learn`. */
  readonly forecast: Forecast;
}

/** Facts that a checkpoint remembers beside operator and optimiser. */
export interface LearningProgress {
  /** Loss of the last step, on its training batch. */
  readonly loss: number | null;
  readonly losses: GrowthLosses;
}

/** An operator that is learned, and all that its learner keeps. */
interface LearnedState {
  readonly operator: Operator;
  readonly state: StepperStart["state"];
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

/** Options of the learner that settings ask for. */
export function learnerOptions(
  {
    plan,
    operator,
    part,
    settings,
    source,
    task,
  }: Pick<LearnOptions, "plan" | "operator" | "part" | "settings" | "source" | "task">,
  objective: Awaited<ReturnType<typeof loadObjective>>,
  { ahead, start }: Pick<OperatorLearningOptions, "ahead" | "start"> = {},
): OperatorLearningOptions {
  return {
    plan,
    operator,
    objective,
    batch: task.specs,
    source,
    rates: settings.rates,
    learn: part,
    optimizer: optimizerOf(settings),
    startDecay: settings.startDecay,
    ahead,
    dropout: dropoutOf(settings),
    accumulate: settings.accumulate,
    checkpointActivations: settings.checkpointActivations,
    precision: settings.precision,
    start,
  };
}

/** The training that the loss looks ahead of, at the rate that training will have. */
async function lookAhead({
  engine,
  innerSteps,
  trainingRate = TRAINING_RATE,
}: CheckedGrowSettings): Promise<OperatorLearningOptions["ahead"]> {
  if (innerSteps === undefined) return undefined;
  return {
    steps: innerSteps,
    learningRate: trainingRate,
    multiply: await loadMultiply(engine),
  };
}

/** Learns an operator by the objective of a task, notes every step in the metrics of a run and saves checkpoints. */
export async function learnOperator(options: LearnOptions): Promise<Learned> {
  const { context, engine, run, settings, target, task, timings } = options;
  const { from } = run;
  const { accumulate, steps } = settings;
  const { learnOperator: createLearner } = await import("@ligo/train");
  const objective = await loadObjective(target, task.objective);
  const start = from && (await readStart(from, new Map()));
  const ahead = await lookAhead(settings);
  const learner = await timings.time("compile", () =>
    createLearner(engine, learnerOptions(options, objective, { ahead, start })),
  );
  context.emit({ type: "compiled", seconds: learner.compiled.info.compileSeconds });
  try {
    const { source, target: grown } = options.plan;
    const sizes = { source: modelSize(source), target: modelSize(grown) };
    await run.begin(options.recipe, { losses: options.losses, sizes });
    const schedule = await scheduleOf(settings);
    const { matrixFlops } = learner.compiled.info;
    const { unit } = task;
    const parts = accumulate * (1 + (settings.innerSteps ?? 0));
    const amount = parts * task.unitsPerBatch;
    let lastLoss = (from?.state.progress as LearningProgress | undefined)?.loss ?? null;
    const learned = async (): Promise<LearnedState> => ({
      operator: await learner.operator(),
      state: await learner.compiled.read(),
    });
    const save = (step: number, now = learned): StepToSave => ({
      step,
      progress: { loss: lastLoss, losses: options.losses } satisfies LearningProgress,
      async write(folder) {
        const { operator, state } = await now();
        await writeOperator(folder, operator);
        await writeOptimizer(folder, state, new Map());
      },
    });
    const left = (seconds: number): number => options.forecast.done("learn", seconds);
    const { emit } = context;
    const watch = watchSteps({ phase: "learn", steps, unit, amount, emit, left });
    await runSteps({
      run,
      steps,
      signal: context.signal,
      async update(index) {
        watch.begin();
        const step = index + 1;
        const rate = schedule(index);
        const batches = await microBatches(task, index, parts);
        const result = await timings.time("learn", () => learner.step(batches, rate));
        checkUpdate(result, step);
        lastLoss = result.loss;
        const line: StepMetrics = {
          step,
          ...updateMetrics(result),
          learning_rate: rate,
          [unit]: step * amount,
          flops: step * matrixFlops,
          seconds: timings.seconds["learn"] ?? 0,
          ...watch.done(step, {
            ...updateFacts(result),
            learningRate: rate,
            flops: step * matrixFlops,
          }),
        };
        await run.metrics.append({ ...line });
      },
      save,
    });
    const last = await learned();
    return {
      operator: last.operator,
      flops: matrixFlops > 0 ? matrixFlops * steps : null,
      lastLoss: lastLoss ?? Number.NaN,
      save: () => run.save(save(steps, async () => last)),
    };
  } finally {
    await learner.compiled.dispose();
  }
}
