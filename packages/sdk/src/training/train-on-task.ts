import type { Weights } from "@ligo/train";
import { checkLoss } from "./diverged.js";
import { createModelEvaluator, type ScoredEvaluation } from "./evaluate-model.js";
import type { EvaluationMetrics, StepMetrics } from "./metrics-file.js";
import type { Recipe } from "../runs/recipe.js";
import type { Run } from "../runs/run-folder.js";
import { runSteps } from "../runs/run-steps.js";
import { writeOptimizer } from "../runs/stepper-checkpoint.js";
import { watchSteps } from "../watch-steps.js";
import { TRAIN_DEFAULTS } from "../train-defaults.js";
import { scheduleOf } from "./optimization-options.js";
import { createTaskTrainer, type Spent, type TaskTrainerOptions } from "./task-trainer.js";

export interface TrainOnTaskOptions extends TaskTrainerOptions {
  /** Steps that the schedule is laid out over, those before counted. */
  readonly scheduleSteps: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly evaluateEvery: number | undefined;
  /** Held-out loss at which training ends before its last step. */
  readonly targetLoss: number | undefined;
  /** The run, which begins when the step is compiled. */
  readonly run: Run;
  readonly recipe: Recipe;
  /** Writes a checkpoint of the weights into a folder. */
  save(folder: string, weights: Weights): Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

export interface TrainingOutcome {
  readonly weights: Weights;
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
  /** What was spent before the step that ran then was compiled. */
  readonly spent: Spent;
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
  const { run } = options;
  const before = run.from?.state.progress as Progress | undefined;
  const trainer = await createTaskTrainer(options, before?.spent);
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
  let lastLoss = before?.loss ?? null;
  let judged = before?.judged ? readable(before.judged) : null;
  try {
    await run.begin(options.recipe);
    const schedule = await scheduleOf({ ...options, steps: options.scheduleSteps });
    const spent = (step: number): { flops: number; seconds: number } => ({
      [task.unit]: step * unitsPerStep,
      flops: trainer.flops(step),
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
        const rate = schedule(options.stepsBefore + index);
        const { loss, gradientNorm } = await trainer.update(index, rate);
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
        progress: { loss: lastLoss, judged, spent: trainer.spent } satisfies Progress,
        heldOutLoss: judged?.step === step ? judged.found.loss : undefined,
        async write(folder) {
          await options.save(folder, trainer.weights);
          await writeOptimizer(folder, trainer, trainer.weights);
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
    await trainer.dispose();
  }
}
