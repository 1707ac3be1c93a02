import type { Questions } from "@ligo/data";
import type { DataAmount } from "../data-amount.js";
import type { ModelSpec } from "../models/model-spec.js";
import { answerScorer } from "./answer-scorer.js";
import { describeFramedTexts, loadFramedTexts } from "./framed-texts.js";
import { UsageError } from "../usage-error.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { batchesOf } from "./tokenizer-files.js";

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
    tokens: (questions, index) => {
      const { context, ids } = questions.at(index);
      return [ids, context.ids];
    },
  });
  const { all, judged, rows, train } = questions;
  if (options.predictions !== undefined) checkIds(judged);
  const [batches, evaluation] = batchesOf(
    questions.tokenizer,
    () =>
      [
        data.answerBatches(train, { ...rows, stride, seed }),
        data.answerEvaluationBatches(judged, { ...rows, stride }),
      ] as const,
  );
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

/** Throws `sdk/repeated-id` where predictions by id would hold one for two questions. */
function checkIds(questions: Questions): void {
  const seen = new Set<string>();
  for (let index = 0; index < questions.count; index++) {
    const { id } = questions.at(index);
    if (seen.has(id)) {
      throw new UsageError(
        "sdk/repeated-id",
        `Two questions have the same id ${JSON.stringify(id)}, of which \`predictions\` could hold one answer alone. ` +
          "Give every question an id of its own, or leave `predictions` out.",
        { expected: "an id for each question", actual: id },
      );
    }
    seen.add(id);
  }
}
