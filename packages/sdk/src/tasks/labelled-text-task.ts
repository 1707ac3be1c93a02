import type { LabelledTexts, LabelReader } from "@ligo/data";
import { classReader, isNumber } from "./label-text.js";
import type { ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import { classNames } from "./class-names.js";
import { describeFramedTexts, loadFramedTexts } from "./framed-texts.js";
import { labelledColumns } from "./labelled-columns.js";
import { classScorer, numberScorer } from "./scorer.js";
import type { NamedObjective } from "./task-kind.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { batchesOf } from "./tokenizer-files.js";

/** Classification of texts and pairs of texts, or regression on them: the tasks of GLUE. */
export async function labelledTextTask(
  { name, objective }: NamedObjective,
  spec: ModelSpec,
  options: TaskOptions,
): Promise<Task> {
  const data = await import("@ligo/data");
  const { batch, seed, sequence } = options;
  const numbers = objective.learns === "number";
  const labels = numbers ? NUMBERS : classReader(classNames(spec));
  const columns = labelledColumns(options);
  const skipBadRows = options.skipBadRows ?? false;
  const texts = await loadFramedTexts(spec, options, {
    read: (patterns, tokenizer) =>
      data.readLabelledTexts(patterns, tokenizer, { ...columns, labels, skipBadRows }),
    split: data.splitTexts,
    tokens: (all, example) => all.tokens(example),
  });
  const { all, apart, judged, rows, train } = texts;
  checkSameWidth(all, apart);
  const eachRow = (dtype: "int32" | "float32") => ({ shape: [batch], dtype }) as const;
  const of = all.width === 2 ? "pairs of texts" : "texts";
  return {
    objective: name,
    judgedBy: name,
    ...describeFramedTexts(spec, texts, {
      ...batchesOf(texts.tokenizer, () => ({
        train: data.labelledBatches(train, { ...rows, numbers, seed }),
        judged: data.labelledEvaluationBatches(judged, { ...rows, numbers }),
      })),
      heldOut: { count: judged.count, of },
      width: all.width,
      labels: { labels: eachRow(numbers ? "float32" : "int32") },
      judgedLabels: numbers ? { label_mask: eachRow("int32") } : {},
    }),
    training: { count: train.count, of },
    judgedSize: { texts: judged.count, sequence },
    scorer: () => (numbers ? numberScorer() : classScorer(classNames(spec).length)),
    settings: {
      textColumn: options.textColumn ?? null,
      labelColumn: options.labelColumn ?? null,
      skipBadRows,
    },
  };
}

const NUMBERS: LabelReader = {
  read: (text) => (isNumber(text) ? Number(text) : undefined),
  expected: "a number",
};

/** Throws `sdk/eval-data-mismatch` where single texts are learned from and pairs judged by, or the other way round. */
function checkSameWidth(
  { width }: Pick<LabelledTexts, "width">,
  judged: Pick<LabelledTexts, "width"> | undefined,
): void {
  if (judged === undefined || judged.width === width) return;
  const words = (texts: number): string => (texts === 2 ? "pairs of texts" : "single texts");
  throw new UsageError(
    "sdk/eval-data-mismatch",
    `\`data\` holds ${words(width)}, \`evalData\` ${words(judged.width)}. Name the columns with \`textColumn\`.`,
    { expected: words(width), actual: words(judged.width) },
  );
}
