import type { Operator, Plan } from "@ligo/core";
import type { Engine } from "@ligo/engine";
import type { OperatorRates } from "@ligo/train";
import { checkLoss } from "../training/diverged.js";
import { feedsOf, type Corpus } from "../training/load-corpus.js";
import { batchSpecs, loadObjective } from "../models/load-model.js";
import { vocabularySize } from "../models/model-limits.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Reporter } from "../terminal/progress.js";
import type { Timings } from "../timings.js";

export interface LearnOptions {
  readonly engine: Engine;
  readonly plan: Plan;
  readonly operator: Operator;
  readonly target: ModelSpec;
  readonly source: ReadonlyMap<string, Float32Array>;
  readonly corpus: Corpus;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly rates: OperatorRates;
  readonly seed: number;
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

/** Learns an operator by masked language modelling on a corpus. */
export async function learnOnCorpus(options: LearnOptions): Promise<Learned> {
  const { batch, corpus, engine, reporter, seed, steps, target, timings } = options;
  const [{ learnOperator, linearSchedule }, { maskedBatches }] = await Promise.all([
    import("@ligo/train"),
    import("@ligo/data"),
  ]);
  const objective = await loadObjective(target);
  const batches = maskedBatches(corpus.train, {
    batch,
    seed,
    vocabularySize: vocabularySize(target.layout),
    special: corpus.tokenizer.special,
  });
  const sizes = { batch, sequence: corpus.train.sequence, positions: batches.positionsPerBatch };
  const learner = await timings.time("compile", () =>
    learnOperator(engine, {
      plan: options.plan,
      operator: options.operator,
      objective,
      batch: batchSpecs(objective, sizes),
      source: options.source,
      rates: options.rates,
    }),
  );
  try {
    const { learningRate: peak, warmup } = options;
    const schedule = linearSchedule({ peak, warmup, steps });
    let lastLoss = Number.NaN;
    await timings.time("learn", async () => {
      for (let step = 0; step < steps; step++) {
        options.signal?.throwIfAborted();
        const { loss } = await learner.step(feedsOf(batches.at(step)), schedule(step));
        checkLoss(loss, step + 1);
        lastLoss = loss;
        reporter.step({
          phase: "learn",
          step: step + 1,
          steps,
          loss,
          tokens: batch * sizes.sequence,
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
