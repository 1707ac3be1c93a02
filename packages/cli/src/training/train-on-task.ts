import { estimateFlops } from "@ligo/core";
import type { Engine } from "@ligo/engine";
import type { StepperStart } from "@ligo/train";
import { checkLoss } from "./diverged.js";
import { createModelEvaluator, type ScoredEvaluation } from "./evaluate-model.js";
import { loadObjective } from "../models/load-model.js";
import type { EvaluationMetrics, StepMetrics } from "./metrics-file.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Recipe } from "../runs/recipe.js";
import type { Run } from "../runs/run-folder.js";
import { runSteps } from "../runs/run-steps.js";
import { writeOptimizer } from "../runs/stepper-checkpoint.js";
import { microBatches } from "../tasks/micro-batches.js";
import type { Task } from "../tasks/task.js";
import { formatSeconds } from "../terminal/format.js";
import type { Reporter } from "../terminal/progress.js";
import { watchSteps } from "../terminal/watch-steps.js";
import type { Timings } from "../timings.js";
import { TRAIN_DEFAULTS } from "../train-defaults.js";
import {
  dropoutOf,
  optimizerOf,
  scheduleOf,
  type OptimizationSettings,
} from "./optimization-options.js";

export interface TrainOnTaskOptions extends OptimizationSettings {
  readonly engine: Engine;
  readonly spec: ModelSpec;
  /** Starting weights; trained in place. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly task: Task;
  readonly steps: number;
  /** Micro-batches of an update; the task's batches are such. */
  readonly accumulate: number;
  readonly checkpointActivations: boolean;
  readonly learningRate: number;
  readonly warmup: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly freeze: readonly string[] | undefined;
  readonly undecayed: readonly string[] | undefined;
  readonly seed: number;
  readonly evaluateEvery: number | undefined;
  /** Held-out loss at which training ends before its last step. */
  readonly targetLoss: number | undefined;
  /** The run, which begins when the step is compiled. */
  readonly run: Run;
  readonly recipe: Recipe;
  /** Where the run goes on from. */
  readonly start: StepperStart | undefined;
  /** Writes a checkpoint of the weights into a folder. */
  save(folder: string, weights: ReadonlyMap<string, Float32Array>): Promise<void>;
  readonly reporter: Reporter;
  readonly timings: Timings;
  readonly signal?: AbortSignal | undefined;
}

export interface TrainingOutcome {
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Steps done. */
  readonly steps: number;
  /** Loss of the last step on its batch. */
  readonly loss: number;
  readonly heldOut: ScoredEvaluation;
  /** Tokens or images trained on. */
  readonly amount: number;
  readonly flops: number;
}

/** What a checkpoint remembers beside weights and optimiser. */
interface Progress {
  /** Loss of the last step on its batch. */
  readonly loss: number | null;
  /** The last evaluation, and the step it was after. */
  readonly judged: { readonly step: number; readonly found: ScoredEvaluation } | null;
}

/** An evaluation as it was before it went through JSON, which knows no infinity and writes null for what is no number. */
const readable = ({ step, found }: NonNullable<Progress["judged"]>): Progress["judged"] => ({
  step,
  found: {
    ...found,
    perplexity: Math.exp(found.loss),
    ...(found.scores === undefined ? {} : { scores: numbersOf(found.scores) }),
  },
});

const numbersOf = (scores: Readonly<Record<string, number | null>>): Record<string, number> =>
  Object.fromEntries(Object.entries(scores).map(([name, value]) => [name, value ?? Number.NaN]));

/** Scores as metrics of held-out data: `held_out_f1`, ... */
const heldOutScores = (
  scores: ScoredEvaluation["scores"] = {},
): Record<`held_out_${string}`, number> =>
  Object.fromEntries(Object.entries(scores).map(([name, value]) => [`held_out_${name}`, value]));

/** Trains a model by the objective of a task, notes every step in the metrics of a run and saves checkpoints. */
export async function trainOnTask(options: TrainOnTaskOptions): Promise<TrainingOutcome> {
  const { accumulate, engine, evaluateEvery, reporter, spec, steps, task, timings } = options;
  const unitsPerStep = accumulate * task.unitsPerBatch;
  const { createTrainer } = await import("@ligo/train");
  const objective = await loadObjective(spec, task.objective);
  const trainer = await timings.time("compile", () =>
    createTrainer(engine, {
      layout: spec.layout,
      objective,
      batch: task.specs,
      weights: options.weights,
      optimizer: {
        ...optimizerOf(options),
        weightDecay: options.weightDecay,
        clipNorm: options.clipNorm,
      },
      freeze: options.freeze,
      undecayed: options.undecayed,
      dropout: dropoutOf(options, options.seed),
      accumulate,
      checkpointActivations: options.checkpointActivations,
      start: options.start,
    }),
  );
  reporter.note(`Step compiled in ${formatSeconds(trainer.compiled.info.compileSeconds)}.`);
  const evaluator = await timings.time("compile", async () =>
    createModelEvaluator({
      engine,
      spec,
      weights: trainer.weights,
      task,
      batches: task.judgedBatches(TRAIN_DEFAULTS.evaluationBatches * accumulate),
      signal: options.signal,
    }),
  );
  const { run } = options;
  const before = run.from?.state.progress as Progress | undefined;
  let lastLoss = before?.loss ?? null;
  let judged = before?.judged ? readable(before.judged) : null;
  try {
    await run.begin(options.recipe);
    const schedule = await scheduleOf(options);
    const flopsPerStep =
      trainer.compiled.info.matrixFlops ||
      accumulate * estimateFlops(spec.layout, task.cost).training;
    const spent = (step: number): { flops: number; seconds: number } => ({
      [task.unit]: step * unitsPerStep,
      flops: step * flopsPerStep,
      seconds: timings.seconds["train"] ?? 0,
    });
    const isJudged = (step: number): boolean =>
      step === steps || (evaluateEvery !== undefined && step % evaluateEvery === 0);
    const { unit } = task;
    const watch = watchSteps({ phase: "train", steps, unit, amount: unitsPerStep, reporter });
    const { targetLoss } = options;
    const isReached = (): boolean =>
      targetLoss !== undefined && judged !== null && judged.found.loss <= targetLoss;
    await runSteps({
      run,
      steps,
      isDone: isReached,
      signal: options.signal,
      async after(step) {
        if (!isJudged(step) || judged?.step === step) return;
        const found = await timings.time("evaluate", () => evaluator.evaluate());
        checkLoss(found.loss, step);
        const line: EvaluationMetrics = {
          step,
          held_out_loss: found.loss,
          held_out_perplexity: found.perplexity,
          ...(found.accuracy === undefined ? {} : { held_out_accuracy: found.accuracy }),
          ...heldOutScores(found.scores),
          ...spent(step),
        };
        await run.metrics.append({ ...line });
        judged = { step, found };
        if (step > 0 && step < steps) {
          reporter.note(`step ${step}: held-out loss ${found.loss.toFixed(4)}`);
        }
      },
      async update(index) {
        watch.begin();
        const step = index + 1;
        const rate = schedule(index);
        const batches = await timings.time("read", () => microBatches(task, index, accumulate));
        const { loss, gradientNorm } = await timings.time("train", () =>
          trainer.step(batches, rate),
        );
        checkLoss(loss, step, gradientNorm);
        lastLoss = loss;
        const now = spent(step);
        const line: StepMetrics = {
          step,
          loss,
          gradient_norm: gradientNorm,
          learning_rate: rate,
          ...now,
          ...watch.done(step, { loss, flops: now.flops }),
        };
        await run.metrics.append({ ...line });
      },
      save: (step) => ({
        step,
        progress: { loss: lastLoss, judged } satisfies Progress,
        heldOutLoss: judged?.step === step ? judged.found.loss : undefined,
        async write(folder) {
          await options.save(folder, trainer.weights);
          await writeOptimizer(folder, trainer.compiled, trainer.weights);
        },
      }),
    });
    const { step: done, found: heldOut } = judged as NonNullable<Progress["judged"]>;
    if (targetLoss !== undefined) {
      const reached = isReached() ? "reached" : "not reached";
      reporter.note(`Target loss ${targetLoss} ${reached} after ${done} steps.`);
    }
    return {
      weights: trainer.weights,
      steps: done,
      loss: lastLoss ?? Number.NaN,
      heldOut,
      amount: done * unitsPerStep,
      flops: spent(done).flops,
    };
  } finally {
    await evaluator.dispose();
    await trainer.compiled.dispose();
  }
}
