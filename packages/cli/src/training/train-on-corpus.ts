import { estimateFlops } from "@ligo/core";
import type { Engine } from "@ligo/engine";
import type { Evaluation } from "@ligo/train";
import { checkLoss } from "./diverged.js";
import { createModelEvaluator } from "./evaluate-model.js";
import { feedsOf, heldOutBatches, type Corpus } from "./load-corpus.js";
import { batchSpecs, loadObjective } from "../models/load-model.js";
import { openMetricsFile, type EvaluationMetrics, type StepMetrics } from "./metrics-file.js";
import { vocabularySize } from "../models/model-limits.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Reporter } from "../terminal/progress.js";
import type { Timings } from "../timings.js";
import { TRAIN_DEFAULTS } from "../train-defaults.js";

export interface TrainOnCorpusOptions {
  readonly engine: Engine;
  readonly spec: ModelSpec;
  /** Starting weights; trained in place. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly corpus: Corpus;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly evaluateEvery: number | undefined;
  readonly seed: number;
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
  readonly tokens: number;
  readonly flops: number;
}

/** Trains a model by masked language modelling and notes every step in a metrics file. */
export async function trainOnCorpus(options: TrainOnCorpusOptions): Promise<TrainingOutcome> {
  const { batch, corpus, engine, evaluateEvery, reporter, seed, spec, steps, timings } = options;
  const [{ createTrainer, linearSchedule }, { maskedBatches }] = await Promise.all([
    import("@ligo/train"),
    import("@ligo/data"),
  ]);
  const objective = await loadObjective(spec);
  const { sequence } = corpus.train;
  const batches = maskedBatches(corpus.train, {
    batch,
    seed,
    vocabularySize: vocabularySize(spec.layout),
    special: corpus.tokenizer.special,
  });
  const positions = batches.positionsPerBatch;
  const trainer = await timings.time("compile", () =>
    createTrainer(engine, {
      layout: spec.layout,
      objective,
      batch: batchSpecs(objective, { batch, sequence, positions }),
      weights: options.weights,
      optimizer: { weightDecay: options.weightDecay, clipNorm: options.clipNorm },
    }),
  );
  const evaluator = await timings.time("compile", async () =>
    createModelEvaluator({
      engine,
      spec,
      weights: trainer.weights,
      batch,
      batches: await heldOutBatches(corpus, corpus.heldOut, spec, {
        batch,
        seed,
        batches: TRAIN_DEFAULTS.evaluationBatches,
      }),
      signal: options.signal,
    }),
  );
  const metrics = await openMetricsFile(options.metricsFile);
  try {
    const schedule = linearSchedule({ peak: options.learningRate, warmup: options.warmup, steps });
    const flopsPerStep =
      trainer.compiled.info.matrixFlops ||
      estimateFlops(spec.layout, {
        tokens: batch * sequence,
        sequence,
        labelledFraction: positions / (batch * sequence),
      }).training;
    const spent = (step: number): { tokens: number; flops: number; seconds: number } => ({
      tokens: step * batch * sequence,
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
      const { loss, gradientNorm } = await timings.time("train", () =>
        trainer.step(feedsOf(batches.at(index)), rate),
      );
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
      reporter.step({ phase: "train", step, steps, loss, tokens: batch * sequence });
      if (evaluateEvery !== undefined && step % evaluateEvery === 0 && step < steps) {
        const { loss: heldOutLoss } = await judge(step);
        reporter.note(`step ${step}: held-out loss ${heldOutLoss.toFixed(4)}`);
      }
    }
    const heldOut = await judge(steps);
    const { tokens, flops } = spent(steps);
    return { weights: trainer.weights, loss: lastLoss, heldOut, tokens, flops };
  } finally {
    await metrics.close();
    await evaluator.dispose();
    await trainer.compiled.dispose();
  }
}
