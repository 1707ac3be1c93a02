import { estimateFlops } from "@ligo/core";
import type { Engine } from "@ligo/engine";
import type { Evaluation } from "@ligo/train";
import { checkLoss } from "./diverged.js";
import { createModelEvaluator } from "./evaluate-model.js";
import { loadObjective } from "../models/load-model.js";
import { openMetricsFile, type EvaluationMetrics, type StepMetrics } from "./metrics-file.js";
import type { ModelSpec } from "../models/model-spec.js";
import { microBatches } from "../tasks/micro-batches.js";
import type { Task } from "../tasks/task.js";
import { formatSeconds } from "../terminal/format.js";
import type { Reporter } from "../terminal/progress.js";
import type { Timings } from "../timings.js";
import { TRAIN_DEFAULTS } from "../train-defaults.js";

export interface TrainOnTaskOptions {
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
  readonly evaluateEvery: number | undefined;
  /** Path of the metrics; lines are appended as they come. */
  readonly metricsFile: string;
  readonly reporter: Reporter;
  readonly timings: Timings;
  readonly signal?: AbortSignal | undefined;
}

export interface TrainingOutcome {
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Loss of the last step on its batch. */
  readonly loss: number;
  readonly heldOut: Evaluation;
  /** Tokens or images trained on. */
  readonly amount: number;
  readonly flops: number;
}

/** Trains a model by the objective of a task and notes every step in a metrics file. */
export async function trainOnTask(options: TrainOnTaskOptions): Promise<TrainingOutcome> {
  const { accumulate, engine, evaluateEvery, reporter, spec, steps, task, timings } = options;
  const unitsPerStep = accumulate * task.unitsPerBatch;
  const { createTrainer, linearSchedule } = await import("@ligo/train");
  const objective = await loadObjective(spec, task.objective);
  const trainer = await timings.time("compile", () =>
    createTrainer(engine, {
      layout: spec.layout,
      objective,
      batch: task.specs,
      weights: options.weights,
      optimizer: { weightDecay: options.weightDecay, clipNorm: options.clipNorm },
      accumulate,
      checkpointActivations: options.checkpointActivations,
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
  const metrics = await openMetricsFile(options.metricsFile);
  try {
    const schedule = linearSchedule({ peak: options.learningRate, warmup: options.warmup, steps });
    const flopsPerStep =
      trainer.compiled.info.matrixFlops ||
      accumulate * estimateFlops(spec.layout, task.cost).training;
    const spent = (step: number): { flops: number; seconds: number } => ({
      [task.unit]: step * unitsPerStep,
      flops: step * flopsPerStep,
      seconds: timings.seconds["train"] ?? 0,
    });
    const judge = async (step: number): Promise<Evaluation> => {
      const found = await timings.time("evaluate", () => evaluator.evaluate());
      const line: EvaluationMetrics = {
        step,
        held_out_loss: found.loss,
        held_out_perplexity: found.perplexity,
        held_out_accuracy: found.accuracy,
        ...spent(step),
      };
      await metrics.append({ ...line });
      return found;
    };
    if (evaluateEvery !== undefined) await judge(0);
    let lastLoss = Number.NaN;
    for (let index = 0; index < steps; index++) {
      options.signal?.throwIfAborted();
      const step = index + 1;
      const rate = schedule(index);
      const batches = await timings.time("read", () => microBatches(task, index, accumulate));
      const { loss, gradientNorm } = await timings.time("train", () => trainer.step(batches, rate));
      checkLoss(loss, step);
      lastLoss = loss;
      const line: StepMetrics = {
        step,
        loss,
        gradient_norm: gradientNorm,
        learning_rate: rate,
        ...spent(step),
      };
      await metrics.append({ ...line });
      const { unit } = task;
      reporter.step({ phase: "train", step, steps, loss, amount: unitsPerStep, unit });
      if (evaluateEvery !== undefined && step % evaluateEvery === 0 && step < steps) {
        const { loss: heldOutLoss } = await judge(step);
        reporter.note(`step ${step}: held-out loss ${heldOutLoss.toFixed(4)}`);
      }
    }
    const heldOut = await judge(steps);
    const { flops } = spent(steps);
    const amount = steps * unitsPerStep;
    return { weights: trainer.weights, loss: lastLoss, heldOut, amount, flops };
  } finally {
    await metrics.close();
    await evaluator.dispose();
    await trainer.compiled.dispose();
  }
}
