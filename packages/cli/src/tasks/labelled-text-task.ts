import type { LabelledTexts, LabelReader } from "@ligo/data";
import type { TensorSpecs } from "@ligo/engine";
import { vocabularySize } from "../models/model-limits.js";
import type { ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import { classNames } from "./class-names.js";
import { pickFeeds } from "./feeds.js";
import { labelledTextFingerprint } from "./fingerprint.js";
import { checkNoWeights, framingOf, hasTypes, padId } from "./framed-texts.js";
import { labelledColumns } from "./labelled-columns.js";
import { noteBadRows } from "./note-bad-rows.js";
import { classScorer, numberScorer } from "./scorer.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { checkVocabulary, tokenizerFiles } from "./tokenizer-files.js";

/** Classification of texts and pairs of texts, or regression on them: the tasks of GLUE. */
export async function labelledTextTask(
  objective: "text-classification" | "text-regression",
  spec: ModelSpec,
  options: TaskOptions,
): Promise<Task> {
  const data = await import("@ligo/data");
  const { batch, heldOut, reporter, seed, sequence } = options;
  checkNoWeights(options);
  const numbers = objective === "text-regression";
  const tokenizer = await data.loadTokenizer(options.tokenizer ?? options.folder, {
    requireMask: false,
  });
  checkVocabulary(tokenizer, spec);
  const labels = numbers ? NUMBERS : classReader(classNames(spec));
  const columns = labelledColumns(options);
  const skipBadRows = options.skipBadRows ?? false;
  const read = async (patterns: readonly string[]) => {
    const texts = await data.readLabelledTexts(patterns, tokenizer, {
      ...columns,
      labels,
      skipBadRows,
    });
    noteBadRows(texts.badRows, reporter);
    return texts;
  };
  const all = await read(options.data);
  const evalTexts = options.evalData === undefined ? undefined : await read(options.evalData);
  checkSameWidth(all, evalTexts);
  const whole = { train: all, heldOut: evalTexts ?? all };
  const { train, heldOut: judged } =
    evalTexts !== undefined || heldOut === "all" ? whole : data.splitTexts(all, { heldOut, seed });
  const shared = {
    batch,
    sequence,
    framing: framingOf(tokenizer),
    pad: padId(spec, tokenizer),
    numbers,
    vocabularySize: vocabularySize(spec.layout),
  };
  const batches = data.labelledBatches(train, { ...shared, seed });
  const evaluation = data.labelledEvaluationBatches(judged, shared);
  const tokens = { shape: [batch, sequence], dtype: "int32" } as const;
  const rows = (dtype: "int32" | "float32") => ({ shape: [batch], dtype }) as const;
  const specs: TensorSpecs = {
    input_ids: tokens,
    attention_mask: tokens,
    ...(hasTypes(spec, shared.framing, all.width) ? { token_type_ids: tokens } : {}),
    labels: rows(numbers ? "float32" : "int32"),
  };
  const judgedSpecs: TensorSpecs = numbers ? { ...specs, label_mask: rows("int32") } : specs;
  const described = all.width === 2 ? "pairs of texts" : "texts";
  return {
    objective,
    judgedBy: objective,
    specs,
    judgedSpecs,
    unit: "tokens",
    unitsPerBatch: batch * sequence,
    batchesPerEpoch: batches.stepsPerEpoch,
    cost: { tokens: batch * sequence, sequence, labelledFraction: 1 },
    training: `${train.count} ${described}`,
    heldOut: `${judged.count} ${described}`,
    judgedSize: { texts: judged.count, sequence },
    batch: async (step) => pickFeeds(batches.at(step), specs),
    // all of them, whatever the limit: scores such as F1 are of a whole set
    judgedBatches: () => ({
      count: evaluation.count,
      at: async (index) => pickFeeds(evaluation.at(index), judgedSpecs),
    }),
    scorer: () => (numbers ? numberScorer() : classScorer(classNames(spec).length)),
    settings: {
      textColumn: options.textColumn ?? null,
      labelColumn: options.labelColumn ?? null,
      skipBadRows,
    },
    fingerprint: () =>
      labelledTextFingerprint(
        sequence,
        [all, evalTexts].flatMap((one) => (one === undefined ? [] : [one.sha256])),
        tokenizer.files,
      ),
    files: tokenizerFiles(tokenizer),
  };
}

const NUMBERS: LabelReader = {
  read(text) {
    const value = text === "" ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : undefined;
  },
  expected: "a number",
};

/** Labels are names of classes, or their numbers where that is no name. */
function classReader(names: readonly string[]): LabelReader {
  const known = new Map(names.map((name, label) => [name, label]));
  const last = names.length - 1;
  return {
    read(text) {
      const label = known.get(text) ?? (/^\d+$/.test(text) ? Number(text) : Number.NaN);
      return label <= last ? label : undefined;
    },
    expected: `0 to ${last}, or ${names.join(", ")}`,
  };
}

/** Throws `cli/eval-data-mismatch` where single texts are learned from and pairs judged by, or the other way round. */
function checkSameWidth(
  { width }: Pick<LabelledTexts, "width">,
  judged: Pick<LabelledTexts, "width"> | undefined,
): void {
  if (judged === undefined || judged.width === width) return;
  const words = (texts: number): string => (texts === 2 ? "pairs of texts" : "single texts");
  throw new UsageError(
    "cli/eval-data-mismatch",
    `--data holds ${words(width)}, --eval-data ${words(judged.width)}. Name the columns with --text-column.`,
    { expected: words(width), actual: words(judged.width) },
  );
}
