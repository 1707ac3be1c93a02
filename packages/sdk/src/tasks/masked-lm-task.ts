import { vocabularySize } from "../models/model-limits.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { describeCorpus, learnedBlocks, loadTextCorpus, tokenFacts } from "./text-corpus.js";
import { batchesOf } from "./tokenizer-files.js";

/** Share of the tokens that are predicted. */
const MASKED = 0.15;

/** Masked language modelling on text (Devlin et al., 2019). */
export async function maskedLmTask(
  objective: string,
  spec: ModelSpec,
  options: TaskOptions,
): Promise<Task> {
  const { evaluationBatches, maskedBatches } = await import("@ligo/data");
  const corpus = await loadTextCorpus(options, {
    unit: "lines",
    requireMask: true,
  });
  const { batch, seed } = options;
  const { sequence } = corpus.heldOut;
  const masking = {
    maskedFraction: MASKED,
    batch,
    seed,
    vocabularySize: vocabularySize(spec.layout),
    special: corpus.tokenizer.special,
  };
  const train = batchesOf(corpus.tokenizer, () =>
    maskedBatches(learnedBlocks(corpus), {
      ...masking,
      ...(options.dataWeights === undefined ? {} : { weights: options.dataWeights }),
    }),
  );
  const positions = train.positionsPerBatch;
  return {
    objective,
    judgedBy: objective,
    tokens: () =>
      tokenFacts(corpus, options, { vocabulary: masking.vocabularySize, fraction: MASKED }),
    ...describeCorpus(corpus, batch, {
      train,
      judged: (limit) =>
        batchesOf(corpus.tokenizer, () =>
          evaluationBatches(corpus.heldOut, { ...masking, ...limit }),
        ),
      specs: {
        input_ids: { shape: [batch, sequence], dtype: "int32" },
        label_positions: { shape: [positions], dtype: "int32" },
        label_ids: { shape: [positions], dtype: "int32" },
      },
      labelledFraction: positions / (batch * sequence),
    }),
  };
}
