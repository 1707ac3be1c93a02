import type { MaskedBatch } from "@ligo/data";
import type { TensorSpecs } from "@ligo/engine";
import { vocabularySize } from "../models/model-limits.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Feeds, Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { describeCorpus, loadTextCorpus } from "./text-corpus.js";

/** Masked language modelling on text (Devlin et al., 2019). */
export async function maskedLmTask(spec: ModelSpec, options: TaskOptions): Promise<Task> {
  const { evaluationBatches, maskedBatches } = await import("@ligo/data");
  const corpus = await loadTextCorpus(spec, options, {
    unit: "lines",
    requireMask: true,
  });
  const { batch, seed } = options;
  const { sequence } = corpus.heldOut;
  const masking = {
    batch,
    seed,
    vocabularySize: vocabularySize(spec.layout),
    special: corpus.tokenizer.special,
  };
  const batches = maskedBatches(corpus.train.count > 0 ? corpus.train : corpus.heldOut, {
    ...masking,
    ...(options.dataWeights === undefined ? {} : { weights: options.dataWeights }),
  });
  const positions = batches.positionsPerBatch;
  const specs: TensorSpecs = {
    input_ids: { shape: [batch, sequence], dtype: "int32" },
    label_positions: { shape: [positions], dtype: "int32" },
    label_ids: { shape: [positions], dtype: "int32" },
  };
  return {
    objective: "masked-lm",
    judgedBy: "masked-lm",
    specs,
    judgedSpecs: specs,
    ...describeCorpus(corpus, batch),
    batchesPerEpoch: batches.stepsPerEpoch,
    cost: { tokens: batch * sequence, sequence, labelledFraction: positions / (batch * sequence) },
    batch: async (step) => feedsOf(batches.at(step)),
    judgedBatches(limit) {
      const all = evaluationBatches(corpus.heldOut, {
        ...masking,
        ...(limit === undefined ? {} : { limitBlocks: limit * batch }),
      });
      return { count: all.length, at: async (index) => feedsOf(all[index] as MaskedBatch) };
    },
  };
}

function feedsOf({ input_ids, label_positions, label_ids }: MaskedBatch): Feeds {
  return { input_ids, label_positions, label_ids };
}
