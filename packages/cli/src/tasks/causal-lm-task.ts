import type { CausalBatch } from "@ligo/data";
import type { TensorSpecs } from "@ligo/engine";
import { vocabularySize } from "../models/model-limits.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { describeCorpus, loadTextCorpus } from "./text-corpus.js";

/** Causal language modelling on text: every token predicts the next. */
export async function causalLmTask(spec: ModelSpec, options: TaskOptions): Promise<Task> {
  const { causalBatches, causalEvaluationBatches } = await import("@ligo/data");
  const corpus = await loadTextCorpus(spec, options, {
    unit: "documents",
    requireMask: false,
  });
  const { batch, seed } = options;
  const { sequence } = corpus.heldOut;
  const sizes = { batch, vocabularySize: vocabularySize(spec.layout) };
  const specs: TensorSpecs = {
    input_ids: { shape: [batch, sequence], dtype: "int32" },
    labels: { shape: [batch, sequence], dtype: "int32" },
  };
  const learned = corpus.train.count > 0 ? corpus.train : corpus.heldOut;
  const batches = causalBatches(learned, {
    ...sizes,
    seed,
    ...(options.dataWeights === undefined ? {} : { weights: options.dataWeights }),
  });
  return {
    objective: "causal-lm",
    judgedBy: "causal-lm",
    specs,
    judgedSpecs: specs,
    ...describeCorpus(corpus, batch),
    batchesPerEpoch: batches.stepsPerEpoch,
    cost: { tokens: batch * sequence, sequence, labelledFraction: 1 },
    batch: async (step) => ({ ...batches.at(step) }),
    judgedBatches(limit) {
      const all = causalEvaluationBatches(corpus.heldOut, {
        ...sizes,
        ...(limit === undefined ? {} : { limitBlocks: limit * batch }),
      });
      return { count: all.length, at: async (index) => ({ ...(all[index] as CausalBatch) }) };
    },
  };
}
