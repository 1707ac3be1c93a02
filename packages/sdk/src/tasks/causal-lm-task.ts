import { vocabularySize } from "../models/model-limits.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { describeCorpus, learnedBlocks, loadTextCorpus, tokenFacts } from "./text-corpus.js";
import { batchesOf } from "./tokenizer-files.js";

/** Causal language modelling on text: every token predicts the next. */
export async function causalLmTask(
  objective: string,
  spec: ModelSpec,
  options: TaskOptions,
): Promise<Task> {
  const { causalBatches, causalEvaluationBatches } = await import("@ligo/data");
  const corpus = await loadTextCorpus(options, {
    unit: "documents",
    requireMask: false,
  });
  const { batch, seed } = options;
  const { sequence } = corpus.heldOut;
  const sizes = { batch, vocabularySize: vocabularySize(spec.layout) };
  const tokens = { shape: [batch, sequence], dtype: "int32" } as const;
  return {
    objective,
    judgedBy: objective,
    tokens: () => tokenFacts(corpus, options),
    ...describeCorpus(corpus, batch, {
      train: batchesOf(corpus.tokenizer, () =>
        causalBatches(learnedBlocks(corpus), {
          ...sizes,
          seed,
          ...(options.dataWeights === undefined ? {} : { weights: options.dataWeights }),
        }),
      ),
      judged: (limit) =>
        batchesOf(corpus.tokenizer, () =>
          causalEvaluationBatches(corpus.heldOut, { ...sizes, ...limit }),
        ),
      specs: { input_ids: tokens, labels: tokens },
      labelledFraction: 1,
    }),
  };
}
