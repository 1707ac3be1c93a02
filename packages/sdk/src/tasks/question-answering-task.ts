import type { DataAmount } from "../events.js";
import type { ModelSpec } from "../models/model-spec.js";
import { answerScorer } from "./answer-scorer.js";
import { describeFramedTexts, loadFramedTexts } from "./framed-texts.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";

/** Finding the answers to questions in texts, as in SQuAD. */
export async function questionAnsweringTask(
  objective: string,
  spec: ModelSpec,
  options: TaskOptions,
): Promise<Task> {
  const data = await import("@ligo/data");
  const { batch, seed, sequence, stride } = options;
  const skipBadRows = options.skipBadRows ?? false;
  const questions = await loadFramedTexts(spec, options, {
    read: (patterns, tokenizer) => data.readQuestions(patterns, tokenizer, { skipBadRows }),
    split: data.splitQuestions,
  });
  const { all, judged, rows, train } = questions;
  const batches = data.answerBatches(train, { ...rows, stride, seed });
  const evaluation = data.answerEvaluationBatches(judged, { ...rows, stride });
  const places = { shape: [batch], dtype: "int32" } as const;
  const amount = (count: number, windows: number): DataAmount => ({
    count,
    of: "questions",
    windows,
    sequence,
  });
  return {
    objective,
    judgedBy: objective,
    ...describeFramedTexts(spec, questions, {
      train: batches,
      judged: evaluation,
      heldOut: amount(judged.count, evaluation.windows.length),
      width: 2,
      labels: { start_positions: places, end_positions: places },
    }),
    training: amount(train.count, batches.windows.length),
    judgedSize: { questions: judged.count, sequence },
    scorer: () =>
      answerScorer(judged, evaluation.windows, {
        sequence,
        mayBeUnanswerable: all.hasUnanswerable || judged.hasUnanswerable,
      }),
    settings: { skipBadRows, stride: stride ?? null },
  };
}
