import type { BertConfig } from "@ligo/bert";
import {
  applyOperator,
  createPlan,
  createRandom,
  ligoOperator,
  memorySource,
  stackOperator,
  type LigoOptions,
  type Operator,
} from "@ligo/core";
import { createMultiply, type Engine } from "@ligo/engine";
import {
  learnOperator,
  linearSchedule,
  type AdamWOptions,
  type OperatorRates,
  type Weights,
} from "@ligo/train";
import { bertLayout, maskedLm } from "./arms.js";
import { batchSpecs, trainingBatches, type Corpus } from "./corpus.js";

/** How an operator is learned. */
export interface GrowthSettings {
  readonly method: "ligo" | "stack";
  readonly start?: LigoOptions;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly seed: number;
  readonly optimizer?: AdamWOptions;
  readonly rates?: OperatorRates;
}

export interface Growth {
  readonly weights: Weights;
  readonly operator: Operator;
  /** Matrix-product FLOPs and seconds of learning and applying the operator. */
  readonly flops: number;
  readonly seconds: number;
  /** Training loss of the grown model at every operator step. */
  readonly losses: readonly number[];
}

export interface GrowthOptions {
  readonly engine: Engine;
  readonly corpus: Corpus;
  readonly small: { readonly config: BertConfig; readonly weights: Weights };
  readonly large: BertConfig;
  readonly settings: GrowthSettings;
  readonly onStep?: (step: number, loss: number) => void;
}

/** Grows a model in memory. */
export async function growModel({
  engine,
  corpus,
  small,
  large,
  settings,
  onStep,
}: GrowthOptions): Promise<Growth> {
  const started = performance.now();
  const plan = createPlan(bertLayout(small.config), bertLayout(large));
  const random = createRandom(settings.seed).fork("operator");
  let operator =
    settings.method === "stack" ? stackOperator(plan) : ligoOperator(plan, random, settings.start);
  const losses: number[] = [];
  let flops = 0;
  if (settings.method === "ligo" && settings.steps > 0) {
    const learner = await learnOperator(engine, {
      plan,
      operator,
      objective: await maskedLm(large),
      batch: batchSpecs(corpus, settings.batch),
      source: small.weights,
      ...(settings.optimizer ? { optimizer: settings.optimizer } : {}),
      ...(settings.rates ? { rates: settings.rates } : {}),
    });
    const schedule = linearSchedule({
      peak: settings.learningRate,
      warmup: settings.warmup,
      steps: settings.steps,
    });
    const batchAt = trainingBatches(corpus, settings.batch, settings.seed + 1);
    for (let step = 0; step < settings.steps; step++) {
      const { loss } = await learner.step(batchAt(step), schedule(step));
      losses.push(loss);
      onStep?.(step, loss);
    }
    flops = learner.compiled.info.matrixFlops * settings.steps;
    operator = learner.operator();
    await learner.compiled.dispose();
  }
  const weights = new Map<string, Float32Array>();
  for await (const { tensor, data } of applyOperator(plan, operator, memorySource(small.weights), {
    multiply: await createMultiply(),
  })) {
    weights.set(tensor.name, data);
  }
  return { weights, operator, flops, seconds: (performance.now() - started) / 1000, losses };
}
