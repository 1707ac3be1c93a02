import { bert, type BertConfig } from "@ligo/bert";
import type { CurvePoint } from "@ligo/cli";
import { checkConfig, type Layout } from "@ligo/core";
import type { Engine } from "@ligo/engine";
import {
  createEvaluator,
  createTrainer,
  initialWeights,
  linearSchedule,
  type AdamWOptions,
  type TrainerOptions,
  type Weights,
} from "@ligo/train";
import { batchSpecs, heldOutBatches, trainingBatches, type Corpus } from "./corpus.js";

/** How a model is trained. */
export interface TrainingSettings {
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly evaluateEvery: number;
  readonly seed: number;
  readonly optimizer?: AdamWOptions;
}

/** A model being trained, step by step, beside others. */
export interface Arm {
  readonly weights: Weights;
  readonly curve: readonly CurvePoint[];
  /** One step, with an evaluation after it where one is due. */
  advance(): Promise<void>;
  readonly done: boolean;
}

export interface ArmOptions {
  readonly engine: Engine;
  readonly corpus: Corpus;
  readonly config: BertConfig;
  readonly weights: Weights;
  readonly settings: TrainingSettings;
  /** What was spent before the first step (growth). */
  readonly spent?: { readonly flops: number; readonly seconds: number };
}

/** A masked-LM BERT config of the given size. */
export function bertConfig(size: {
  layers: number;
  hidden: number;
  heads: number;
  vocabulary: number;
  positions: number;
}): BertConfig {
  return checkConfig(bert, {
    model_type: "bert",
    architectures: ["BertForMaskedLM"],
    num_hidden_layers: size.layers,
    hidden_size: size.hidden,
    num_attention_heads: size.heads,
    intermediate_size: 4 * size.hidden,
    vocab_size: size.vocabulary,
    max_position_embeddings: size.positions,
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
  });
}

export const bertLayout = (config: BertConfig): Layout => bert.layout(config, "BertForMaskedLM");

/** Random weights of a model that starts from scratch. */
export function scratchWeights(config: BertConfig, seed: number): Weights {
  return initialWeights(bertLayout(config), { seed, deviation: config.initializer_range });
}

/** The objective all models of an experiment are trained and judged by. */
export async function maskedLm(config: BertConfig): Promise<TrainerOptions["objective"]> {
  const create = (await bert.model()) as (
    config: BertConfig,
    className: string,
  ) => { readonly objectives: Readonly<Record<string, TrainerOptions["objective"]>> };
  const objective = create(config, "BertForMaskedLM").objectives["masked-lm"];
  if (!objective) throw new Error("BertForMaskedLM has a masked-LM objective");
  return objective;
}

/** Mean held-out loss of weights. */
export async function heldOutLoss(
  engine: Engine,
  corpus: Corpus,
  config: BertConfig,
  weights: Weights,
  batch: number,
): Promise<number> {
  const evaluator = await createEvaluator(engine, {
    layout: bertLayout(config),
    objective: await maskedLm(config),
    batch: batchSpecs(corpus, batch),
    weights,
  });
  const { loss } = await evaluator.evaluate(heldOutBatches(corpus, batch));
  await evaluator.compiled.dispose();
  return loss;
}

/** Prepares a training that is advanced step by step. */
export async function createArm({
  engine,
  corpus,
  config,
  weights,
  settings,
  spent,
}: ArmOptions): Promise<Arm> {
  const layout = bertLayout(config);
  const objective = await maskedLm(config);
  const specs = batchSpecs(corpus, settings.batch);
  const trainer = await createTrainer(engine, {
    layout,
    objective,
    weights,
    batch: specs,
    ...(settings.optimizer ? { optimizer: settings.optimizer } : {}),
  });
  const evaluator = await createEvaluator(engine, {
    layout,
    objective,
    weights: trainer.weights,
    batch: specs,
  });
  const batchAt = trainingBatches(corpus, settings.batch, settings.seed);
  const judged = heldOutBatches(corpus, settings.batch);
  const schedule = linearSchedule({
    peak: settings.learningRate,
    warmup: settings.warmup,
    steps: settings.steps,
  });
  const flopsPerStep = trainer.compiled.info.matrixFlops;
  const curve: CurvePoint[] = [];
  let seconds = spent?.seconds ?? 0;
  const judge = async (): Promise<void> => {
    const { loss } = await evaluator.evaluate(judged);
    curve.push({
      step: trainer.steps,
      flops: (spent?.flops ?? 0) + trainer.steps * flopsPerStep,
      seconds,
      loss,
    });
  };
  await judge();
  return {
    weights: trainer.weights,
    curve,
    get done() {
      return trainer.steps >= settings.steps;
    },
    async advance() {
      const step = trainer.steps;
      const batch = batchAt(step);
      const started = performance.now();
      await trainer.step(batch, schedule(step));
      seconds += (performance.now() - started) / 1000;
      if (trainer.steps % settings.evaluateEvery === 0 || trainer.steps === settings.steps)
        await judge();
    },
  };
}

/** The newest point of a curve. */
export function lastPoint(curve: readonly CurvePoint[]): CurvePoint {
  return curve[curve.length - 1] as CurvePoint;
}
