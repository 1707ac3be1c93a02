import { modelSize } from "@ligo/core/cost";
import type { MomentOrder } from "@ligo/core/operator";
import type { Weights } from "@ligo/train";
import { momentName, type ModelMoments } from "../moments/moments.js";
import { momentsNow } from "./start-moments.js";
import { checkLoss, checkUpdate } from "./diverged.js";
import { createForecast, FORWARD_COST, type ForecastPart } from "../forecast.js";
import { createModelEvaluator, type ModelEvaluator } from "../evaluation/evaluate-model.js";
import type { ScoredEvaluation } from "../evaluation/evaluation.js";
import type { EvaluationMetrics, StepMetrics } from "./metrics-file.js";
import type { Recipe } from "../runs/recipe.js";
import type { Run } from "../runs/run.js";
import { runSteps } from "../runs/run-steps.js";
import { writeOptimizer } from "../runs/stepper-checkpoint.js";
import { JUDGED_EXAMPLES } from "../tasks/judged-amount.js";
import { watchSteps, type StepWatch } from "../watch-steps.js";
import { scheduleOf } from "./optimization.js";
import { updateFacts, updateMetrics } from "./update-facts.js";
import {
  createTaskTrainer,
  type Spent,
  type TaskTrainer,
  type TaskTrainerOptions,
} from "./task-trainer.js";

export interface TrainOnTaskOptions extends TaskTrainerOptions {
  /** The run, which begins when the step is compiled. */
  readonly run: Run;
  readonly recipe: Recipe;
  /** Writes a checkpoint of the weights into a folder. */
  readonly save: (folder: string, weights: Weights) => Promise<void>;
}

export interface TrainingOutcome {
  readonly weights: Weights;
  /** The optimiser's moments, where they are to be kept. */
  readonly moments?: ModelMoments;
  /** Steps done. */
  readonly steps: number;
  /** Loss of the last step on its batch. */
  readonly loss: number;
  readonly heldOut: ScoredEvaluation;
  /** Tokens or images trained on. */
  readonly amount: number;
  readonly flops: number;
}

/** Facts that a checkpoint remembers beside weights and optimiser. */
interface Progress {
  /** Loss of the last step on its batch. */
  readonly loss: number | null;
  /** The last evaluation, and the step it was after. */
  readonly judged: { readonly step: number; readonly found: ScoredEvaluation } | null;
  /** Spent before the step that ran then was compiled. */
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
  const { context, run, spec, task, timings } = options;
  const before = run.from?.state.progress as Progress | undefined;
  const trainer = await createTaskTrainer(options, before?.spent);
  const batches = task.judgedBatches(JUDGED_EXAMPLES);
  const forecast = createForecast(trainingParts(options, batches.count));
  const evaluator = await timings.time("compile", async () =>
    createModelEvaluator({
      engine: options.engine,
      spec,
      weights: options.weights,
      task,
      batches,
      emit: context.emit,
      left: (seconds) => forecast.done("evaluate", seconds),
      signal: context.signal,
    }),
  );
  try {
    await run.begin(options.recipe, { sizes: { target: modelSize(spec.layout) } });
    const watch = watchSteps({
      phase: "train",
      steps: options.settings.steps,
      unit: task.unit,
      amount: options.settings.accumulate * task.unitsPerBatch,
      emit: context.emit,
      left: (seconds) => forecast.done("train", seconds),
    });
    return await trainSteps(options, { trainer, evaluator, before, watch });
  } finally {
    await evaluator.dispose();
    await trainer.dispose();
  }
}

/** Whether a model is judged after a step. */
const isJudged = (
  { evaluateEvery, steps }: TrainOnTaskOptions["settings"],
  step: number,
): boolean => step === steps || (evaluateEvery !== undefined && step % evaluateEvery === 0);

/** Work of a training: steps, and batches of held-out data. */
function trainingParts(
  { run, settings }: TrainOnTaskOptions,
  judged: number,
): Readonly<Record<string, ForecastPart>> {
  const from = run.from?.state.step ?? 0;
  const known = (run.from?.state.progress as Progress | undefined)?.judged?.step;
  const { accumulate, steps } = settings;
  let evaluations = 0;
  for (let step = from; step <= steps; step++)
    if (step !== known && isJudged(settings, step)) evaluations += 1;
  return {
    train: { amount: steps - from, cost: accumulate },
    evaluate: { amount: evaluations * judged, cost: FORWARD_COST },
  };
}

interface TrainingParts {
  readonly trainer: TaskTrainer;
  readonly evaluator: ModelEvaluator;
  readonly before: Progress | undefined;
  readonly watch: StepWatch;
}

async function trainSteps(
  options: TrainOnTaskOptions,
  { before, evaluator, trainer, watch }: TrainingParts,
): Promise<TrainingOutcome> {
  const { context, run, settings, task, timings } = options;
  const { accumulate, steps, targetLoss } = settings;
  const { emit } = context;
  const unitsPerStep = accumulate * task.unitsPerBatch;
  let lastLoss = before?.loss ?? null;
  let judged = before?.judged ? readable(before.judged) : null;
  const schedule = await scheduleOf({ ...settings, steps: settings.scheduleSteps });
  const spent = (step: number): { flops: number; seconds: number } => ({
    [task.unit]: step * unitsPerStep,
    flops: trainer.flops(step),
    seconds: timings.seconds["train"] ?? 0,
  });
  const isReached = (): boolean =>
    targetLoss !== undefined && judged !== null && judged.found.loss <= targetLoss;
  await runSteps({
    run,
    steps,
    isDone: isReached,
    signal: context.signal,
    async after(step) {
      if (!isJudged(settings, step) || judged?.step === step) return;
      const found = await timings.time("evaluate", () => evaluator.evaluate());
      checkLoss(found.loss, step);
      await run.metrics.append({ ...evaluationMetrics(step, found), ...spent(step) });
      judged = { step, found };
      const { positions: _positions, ...rest } = found;
      emit({ type: "evaluation", of: "trained", step, ...rest });
    },
    async update(index) {
      watch.begin();
      const step = index + 1;
      const rate = schedule(settings.stepsBefore + index);
      const result = await trainer.update(index, rate);
      checkUpdate(result, step);
      lastLoss = result.loss;
      const now = spent(step);
      const facts = { ...updateFacts(result), learningRate: rate, flops: now.flops };
      const line: StepMetrics = {
        step,
        ...updateMetrics(result),
        learning_rate: rate,
        ...now,
        ...watch.done(step, facts),
      };
      await run.metrics.append({ ...line });
    },
    save: (step) => ({
      step,
      progress: { loss: lastLoss, judged, spent: trainer.spent } satisfies Progress,
      heldOutLoss: judged?.step === step ? judged.found.loss : undefined,
      write: (folder) => saveTrainer(folder, trainer, step, options),
    }),
  });
  const { step: done, found: heldOut } = judged as NonNullable<Progress["judged"]>;
  if (targetLoss !== undefined) {
    emit({ type: "target", loss: targetLoss, reached: isReached(), step: done });
  }
  return {
    weights: await trainer.weights(),
    ...(settings.saveMoments === true
      ? { moments: await lastMoments(trainer, done, options) }
      : {}),
    steps: done,
    loss: lastLoss ?? Number.NaN,
    heldOut,
    amount: done * unitsPerStep,
    flops: spent(done).flops,
  };
}

/** The moments of a training that is done. */
async function lastMoments(
  trainer: TaskTrainer,
  step: number,
  { moments, settings }: Pick<TrainOnTaskOptions, "moments" | "settings">,
): Promise<ModelMoments> {
  const state = await trainer.state();
  const numbers = (order: MomentOrder, name: string): Float32Array =>
    state[momentName(order, name)] as Float32Array;
  const names = Object.keys(state).filter((name) => momentName("first", name) in state);
  return {
    ...momentsNow(moments, settings, step, state),
    tensors: new Map(
      names.map((name) => [
        name,
        { first: numbers("first", name), second: numbers("second", name) },
      ]),
    ),
  };
}

/** Writes weights, and what the optimiser keeps beside them. */
async function saveTrainer(
  folder: string,
  trainer: TaskTrainer,
  step: number,
  { moments, save, settings }: Pick<TrainOnTaskOptions, "moments" | "save" | "settings">,
): Promise<void> {
  const weights = await trainer.weights();
  await save(folder, weights);
  const state = await trainer.state();
  await writeOptimizer(folder, state, weights, momentsNow(moments, settings, step, state));
}

/** An evaluation as a line of metrics. */
function evaluationMetrics(
  step: number,
  { accuracy, loss, perplexity, scores }: ScoredEvaluation,
): Omit<EvaluationMetrics, "flops" | "seconds"> {
  return {
    step,
    held_out_loss: loss,
    held_out_perplexity: perplexity,
    ...(accuracy === undefined ? {} : { held_out_accuracy: accuracy }),
    ...heldOutScores(scores),
  };
}
