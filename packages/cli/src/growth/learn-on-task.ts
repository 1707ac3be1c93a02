import type { Operator, OperatorPart, Plan } from "@ligo/core";
import type { Engine } from "@ligo/engine";
import type { OperatorRates } from "@ligo/train";
import { checkLoss } from "../training/diverged.js";
import { loadObjective } from "../models/load-model.js";
import type { ModelSpec } from "../models/model-spec.js";
import { microBatches } from "../tasks/micro-batches.js";
import type { Task } from "../tasks/task.js";
import { formatSeconds } from "../terminal/format.js";
import type { Reporter } from "../terminal/progress.js";
import type { Timings } from "../timings.js";

export interface LearnOptions {
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
  /** Micro-batches of an update; the task's batches are such. */
  readonly accumulate: number;
  readonly checkpointActivations: boolean;
  readonly reporter: Reporter;
  readonly timings: Timings;
  readonly signal?: AbortSignal | undefined;
}

/** A learned operator and what it took. */
export interface Learned {
  readonly operator: Operator;
  /** Floating-point operations of the matrix products of all steps; null where the engine does not count them. */
  readonly flops: number | null;
  /** Loss of the last step, on its training batch. */
  readonly lastLoss: number;
}

/** Learns an operator by the objective of a task. */
export async function learnOnTask(options: LearnOptions): Promise<Learned> {
  const { accumulate, engine, reporter, steps, target, task, timings } = options;
  const { learnOperator, linearSchedule } = await import("@ligo/train");
  const objective = await loadObjective(target, task.objective);
  const learner = await timings.time("compile", () =>
    learnOperator(engine, {
      plan: options.plan,
      operator: options.operator,
      objective,
      batch: task.specs,
      source: options.source,
      rates: options.rates,
      ...(options.learn === undefined ? {} : { learn: options.learn }),
      accumulate,
      checkpointActivations: options.checkpointActivations,
    }),
  );
  reporter.note(`Step compiled in ${formatSeconds(learner.compiled.info.compileSeconds)}.`);
  try {
    const { learningRate: peak, warmup } = options;
    const schedule = linearSchedule({ peak, warmup, steps });
    let lastLoss = Number.NaN;
    await timings.time("learn", async () => {
      for (let step = 0; step < steps; step++) {
        options.signal?.throwIfAborted();
        const { loss } = await learner.step(
          await microBatches(task, step, accumulate),
          schedule(step),
        );
        checkLoss(loss, step + 1);
        lastLoss = loss;
        reporter.step({
          phase: "learn",
          step: step + 1,
          steps,
          loss,
          amount: accumulate * task.unitsPerBatch,
          unit: task.unit,
        });
      }
    });
    const { matrixFlops } = learner.compiled.info;
    const flops = matrixFlops > 0 ? matrixFlops * steps : null;
    return { operator: learner.operator(), flops, lastLoss };
  } finally {
    await learner.compiled.dispose();
  }
}
