import type { TensorSpecs } from "@ligo/engine";
import { vocabularySize } from "../models/model-limits.js";
import type { ModelSpec } from "../models/model-spec.js";
import { answerScorer } from "./answer-scorer.js";
import { pickFeeds } from "./feeds.js";
import { labelledTextFingerprint } from "./fingerprint.js";
import { checkNoWeights, framingOf, hasTypes, padId } from "./framed-texts.js";
import { noteBadRows } from "./note-bad-rows.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { checkVocabulary, tokenizerFiles } from "./tokenizer-files.js";

/** Finding the answers to questions in texts, as in SQuAD. */
export async function questionAnsweringTask(spec: ModelSpec, options: TaskOptions): Promise<Task> {
  const data = await import("@ligo/data");
  const { batch, heldOut, reporter, seed, sequence, stride } = options;
  checkNoWeights(options);
  const tokenizer = await data.loadTokenizer(options.tokenizer ?? options.folder, {
    requireMask: false,
  });
  checkVocabulary(tokenizer, spec);
  const skipBadRows = options.skipBadRows ?? false;
  const read = async (patterns: readonly string[]) => {
    const questions = await data.readQuestions(patterns, tokenizer, { skipBadRows });
    noteBadRows(questions.badRows, reporter);
    return questions;
  };
  const all = await read(options.data);
  const apart = options.evalData === undefined ? undefined : await read(options.evalData);
  const { train, heldOut: judged } =
    apart !== undefined || heldOut === "all"
      ? { train: all, heldOut: apart ?? all }
      : data.splitQuestions(all, { heldOut, seed });
  const shared = {
    batch,
    sequence,
    stride,
    framing: framingOf(tokenizer),
    pad: padId(spec, tokenizer),
    vocabularySize: vocabularySize(spec.layout),
  };
  const batches = data.answerBatches(train, { ...shared, seed });
  const evaluation = data.answerEvaluationBatches(judged, shared);
  const tokens = { shape: [batch, sequence], dtype: "int32" } as const;
  const places = { shape: [batch], dtype: "int32" } as const;
  const specs: TensorSpecs = {
    input_ids: tokens,
    attention_mask: tokens,
    ...(hasTypes(spec, shared.framing, 2) ? { token_type_ids: tokens } : {}),
    start_positions: places,
    end_positions: places,
  };
  const described = (questions: number, windows: number): string =>
    `${questions} questions in ${windows} windows of ${sequence} tokens`;
  return {
    objective: "question-answering",
    judgedBy: "question-answering",
    specs,
    judgedSpecs: specs,
    unit: "tokens",
    unitsPerBatch: batch * sequence,
    batchesPerEpoch: batches.stepsPerEpoch,
    cost: { tokens: batch * sequence, sequence, labelledFraction: 1 },
    training: described(train.count, batches.windows.length),
    heldOut: described(judged.count, evaluation.windows.length),
    judgedSize: { questions: judged.count, sequence },
    batch: async (step) => pickFeeds(batches.at(step), specs),
    // all of them, whatever the limit: an answer is chosen among all windows of its question
    judgedBatches: () => ({
      count: evaluation.count,
      at: async (index) => pickFeeds(evaluation.at(index), specs),
    }),
    scorer: () =>
      answerScorer(judged, evaluation.windows, {
        sequence,
        mayBeUnanswerable: all.hasUnanswerable || judged.hasUnanswerable,
      }),
    settings: { skipBadRows, stride: stride ?? null },
    fingerprint: () =>
      labelledTextFingerprint(
        sequence,
        [all, apart].flatMap((one) => (one === undefined ? [] : [one.sha256])),
        tokenizer.files,
      ),
    files: tokenizerFiles(tokenizer),
  };
}
