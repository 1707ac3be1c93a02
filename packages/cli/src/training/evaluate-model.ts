import type { MaskedBatch } from "@ligo/data";
import type { Engine } from "@ligo/engine";
import type { Evaluation } from "@ligo/train";
import { feedsOf } from "./load-corpus.js";
import { batchSpecs, loadObjective } from "../models/load-model.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Reporter } from "../terminal/progress.js";

export interface EvaluateModelOptions {
  readonly engine: Engine;
  readonly spec: ModelSpec;
  /** Read live: change the arrays between two evaluations and the second sees it. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly batches: readonly MaskedBatch[];
  /** Sequences of a batch. */
  readonly batch: number;
  readonly reporter?: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** A model ready to be judged, again and again. */
export interface ModelEvaluator {
  evaluate(): Promise<Evaluation>;
  dispose(): Promise<void>;
}

/** Compiles the evaluation of a model on fixed batches. */
export async function createModelEvaluator(options: EvaluateModelOptions): Promise<ModelEvaluator> {
  const { batch, batches, engine, reporter, signal, spec, weights } = options;
  const { createEvaluator } = await import("@ligo/train");
  const objective = await loadObjective(spec);
  const [first] = batches;
  const sizes = {
    batch,
    sequence: (first?.input_ids.length ?? 0) / batch,
    positions: first?.label_ids.length ?? 0,
  };
  const evaluator = await createEvaluator(engine, {
    layout: spec.layout,
    objective,
    batch: batchSpecs(objective, sizes),
    weights,
  });
  function* feeds(): Generator<Readonly<Record<string, Int32Array>>> {
    for (const [index, one] of batches.entries()) {
      signal?.throwIfAborted();
      yield feedsOf(one);
      const tokens = batch * sizes.sequence;
      reporter?.step({ phase: "evaluate", step: index + 1, steps: batches.length, tokens });
    }
  }
  return {
    evaluate: () => evaluator.evaluate(feeds()),
    dispose: () => evaluator.compiled.dispose(),
  };
}

/** Judges a model once. */
export async function evaluateModel(options: EvaluateModelOptions): Promise<Evaluation> {
  const evaluator = await createModelEvaluator(options);
  try {
    return await evaluator.evaluate();
  } finally {
    await evaluator.dispose();
  }
}
