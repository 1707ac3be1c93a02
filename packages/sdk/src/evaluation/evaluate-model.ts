import type { Engine } from "@ligo/engine";
import type { Evaluation } from "@ligo/train";
import type { ScoredEvaluation } from "./evaluation.js";
import { loadObjective } from "../models/load-model.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Scorer } from "../tasks/scorer.js";
import type { JudgedBatches, Task } from "../tasks/task.js";
import type { JudgedAmount } from "../data-amount.js";
import type { LigoEvent } from "../events.js";
import { UsageError } from "../usage-error.js";
import { watchSteps } from "../watch-steps.js";

export interface EvaluateModelOptions {
  readonly engine: Engine;
  readonly spec: ModelSpec;
  /** Weights by canonical name. A trainer of the same engine may change the arrays between two evaluations. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Task that the model is judged by; need not be its own. */
  readonly task: Task;
  readonly batches: JudgedBatches;
  /** Is told of every batch. Default: nobody is. */
  readonly emit?: (event: LigoEvent) => void;
  /** Seconds until all of the work is done, after a batch that took so many. Default: not told. */
  readonly left?: ((seconds: number) => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A model ready to be judged, again and again. */
export interface ModelEvaluator {
  /** Makes these the weights it judges; arrays that were given are taken as they are. */
  write(weights: ReadonlyMap<string, Float32Array>): Promise<void>;
  /** @param scorer sees what is predicted; default the task's */
  evaluate(scorer?: Scorer): Promise<ScoredEvaluation>;
  dispose(): Promise<void>;
}

/** Compiles the evaluation of a model on fixed batches. */
export async function createModelEvaluator(options: EvaluateModelOptions): Promise<ModelEvaluator> {
  const { batches, emit = () => undefined, engine, left, signal, spec, task, weights } = options;
  const { createEvaluator } = await import("@ligo/train");
  const evaluator = await createEvaluator(engine, {
    layout: spec.layout,
    objective: await loadObjective(spec, task.judgedBy),
    batch: task.judgedSpecs,
    weights,
  });
  return {
    write: (written) => evaluator.write(written),
    async evaluate(scorer = task.scorer?.()) {
      const found: Evaluation[] = [];
      const watch = watchSteps({
        phase: "evaluate",
        steps: batches.count,
        unit: task.unit,
        amount: task.unitsPerBatch,
        emit,
        left,
      });
      // one at a time: images do not fit into memory all at once
      for (let index = 0; index < batches.count; index++) {
        signal?.throwIfAborted();
        watch.begin();
        found.push(await evaluator.evaluate([await batches.at(index)], scorer?.see));
        watch.done(index + 1);
      }
      const { judged } = batches;
      return {
        ...combine(found, judged),
        judged,
        ...(scorer === undefined ? {} : { scores: scorer.scores() }),
      };
    },
    dispose: () => evaluator.compiled.dispose(),
  };
}

/**
 * The evaluation of all batches from those of the single ones: means over the labelled positions of all. Throws
 * `sdk/nothing-to-judge` where there are none.
 */
function combine(found: readonly Evaluation[], { among, of }: JudgedAmount): Evaluation {
  const positions = found.reduce((sum, one) => sum + one.positions, 0);
  if (positions === 0) {
    throw new UsageError(
      "sdk/nothing-to-judge",
      `There is nothing to judge by: of the ${among} ${of} held out, none that is used has anything to predict. Use other data.`,
      { expected: "labelled positions", actual: `none in ${among} ${of}` },
    );
  }
  const mean = (of: (one: Evaluation) => number): number =>
    found.reduce((sum, one) => sum + (one.positions > 0 ? of(one) * one.positions : 0), 0) /
    positions;
  const loss = mean((one) => one.loss);
  const counts = found.every(({ accuracy }) => accuracy !== undefined);
  const accuracy = counts ? { accuracy: mean((one) => one.accuracy ?? 0) } : {};
  return { loss, perplexity: Math.exp(loss), ...accuracy, positions };
}

/** Judges a model once. */
export async function evaluateModel(
  options: EvaluateModelOptions,
  scorer?: Scorer,
): Promise<ScoredEvaluation> {
  const evaluator = await createModelEvaluator(options);
  try {
    return await evaluator.evaluate(scorer);
  } finally {
    await evaluator.dispose();
  }
}
