import {
  createGrower,
  memorySource,
  type Multiply,
  type Operator,
  type StoredOperator,
} from "@ligo/core";
import type { Engine } from "@ligo/engine";
import type { Context } from "../context.js";
import type { JudgedAmount } from "../data-amount.js";
import type { Forecast } from "../forecast.js";
import {
  createModelEvaluator,
  evaluateModel,
  type ModelEvaluator,
} from "../evaluation/evaluate-model.js";
import { loadMultiply } from "../models/load-engine.js";
import type { EngineName } from "../models/engine-name.js";
import type { GrowthLosses } from "./growth-losses.js";
import { loadModel } from "../models/load-model.js";
import type { Growth } from "./open-growth.js";
import type { JudgedBatches, Task } from "../tasks/task.js";
import type { Timings } from "../timings.js";

export interface GrowthJudgeOptions {
  readonly growth: Growth;
  readonly engine: Engine;
  readonly engineName: EngineName;
  /** Weights of the source, by canonical name. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly task: Task;
  readonly batches: JudgedBatches;
  readonly timings: Timings;
  readonly context: Pick<Context, "emit" | "signal">;
  /** Forecast of the growth, in which batches are of `source`, `start` and `grown`. Default: none is made. */
  readonly forecast?: Forecast | undefined;
}

/** Judges the source model, and the target model grown with any operator. */
export interface GrowthJudge {
  /** Data they are judged by. */
  readonly judged: JudgedAmount;
  /** `undefined` where the source's class has no head to judge. */
  source(): Promise<number | undefined>;
  grown(operator: Operator | StoredOperator, of: "start" | "grown"): Promise<number>;
  /** Judges the model grown last once more: its weights, which are shared, were trained meanwhile. */
  again(): Promise<number>;
  /** Weights of the model grown last. */
  readonly weights: ReadonlyMap<string, Float32Array> | undefined;
  dispose(): Promise<void>;
}

export function createGrowthJudge(options: GrowthJudgeOptions): GrowthJudge {
  const { context, forecast, growth, timings } = options;
  const { emit, signal } = context;
  const { base, plan, target } = growth;
  const { batches, engine, task } = options;
  const { judged } = batches;
  let judging: "source" | "start" | "grown" = "source";
  const left = forecast && ((seconds: number): number => forecast.done(judging, seconds));
  const shared = { engine, task, batches, signal, emit, left };
  let multiply: Multiply | undefined;
  let evaluator: ModelEvaluator | undefined;
  let weights: Map<string, Float32Array> | undefined;

  async function grow(operator: Operator | StoredOperator): Promise<Map<string, Float32Array>> {
    multiply ??= await loadMultiply(options.engineName);
    const read = memorySource(options.weights);
    const grower = createGrower(plan, operator, read, { multiply, signal });
    // The evaluator was given these arrays: the second time they are filled anew.
    const into = new Map(weights);
    for (const { name } of plan.tensors) into.set(name, await grower.grow(name, into.get(name)));
    await evaluator?.write(into);
    return into;
  }

  return {
    judged,
    async source() {
      if (!(task.judgedBy in (await loadModel(base.spec)).objectives)) {
        forecast?.skip("source");
        return undefined;
      }
      return timings.time("evaluate", async () => {
        const { loss } = await evaluateModel({
          ...shared,
          spec: base.spec,
          weights: options.weights,
        });
        emit({ type: "evaluation", of: "source", step: 0, loss, judged });
        return loss;
      });
    },
    async grown(operator, of) {
      judging = of;
      weights = await timings.time("apply", () => grow(operator));
      const spec = target;
      return timings.time("evaluate", async () => {
        evaluator ??= await createModelEvaluator({
          ...shared,
          spec,
          weights: weights ?? new Map(),
        });
        const { loss } = await evaluator.evaluate();
        emit({ type: "evaluation", of, step: 0, loss, judged });
        return loss;
      });
    },
    async again() {
      return timings.time("evaluate", async () => {
        await evaluator?.write(weights ?? new Map());
        return (await evaluator?.evaluate())?.loss ?? Number.NaN;
      });
    },
    get weights() {
      return weights;
    },
    async dispose() {
      await evaluator?.dispose();
    },
  };
}

/** Losses of the small model, and of the one grown by the operator that learning starts from. */
export async function lossesBefore(
  judge: GrowthJudge | undefined,
  start: Operator | StoredOperator | undefined,
): Promise<GrowthLosses> {
  const small = await judge?.source();
  const before = start && (await judge?.grown(start, "start"));
  return {
    ...(small === undefined ? {} : { small }),
    ...(before === undefined ? {} : { start: before }),
  };
}
