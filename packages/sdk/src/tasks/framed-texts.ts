import type {
  BadRows,
  FramedBatchOptions,
  Framing,
  LeftOutFile,
  SplitExamples,
  SplitOptions,
  TextTokenizer,
} from "@ligo/data";
import type { TensorSpecs } from "@ligo/engine";
import { vocabularySize } from "../models/model-limits.js";
import type { ModelSpec } from "../models/model-spec.js";
import { UsageError } from "../usage-error.js";
import type { DataAmount } from "../data-amount.js";
import { checkKnown } from "./check-known.js";
import { pickFeeds } from "./feeds.js";
import { labelledTextFingerprint } from "./fingerprint.js";
import { judgedAmount } from "./judged-amount.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { openTokenizer, tokenizerFiles } from "./tokenizer-files.js";
import { warnOfFiles, warnOfRows } from "./warnings.js";

/** What is known of texts that were read, whatever is learned of them. */
interface ReadTexts {
  readonly count: number;
  readonly badRows: BadRows;
  readonly leftOut: readonly LeftOutFile[];
  readonly sha256: string;
}

/** How texts are read, and how some of them are held out. */
export interface FramedTextKind<Texts, Read extends Texts & ReadTexts> {
  read(patterns: readonly string[], tokenizer: TextTokenizer): Promise<Read>;
  split(texts: Texts, options: SplitOptions): SplitExamples<Texts>;
  /** Token ids of an example. */
  tokens(texts: Texts, example: number): readonly Int32Array[];
}

/** Texts that each are framed by special tokens, some of them to judge by. */
export interface FramedTexts<Texts, Read> {
  readonly tokenizer: TextTokenizer;
  /** All that `data` name, held out or not. */
  readonly all: Read;
  /** What is judged by where that is apart. */
  readonly apart: Read | undefined;
  readonly train: Texts;
  readonly judged: Texts;
  /** How they are put into batches. */
  readonly rows: FramedBatchOptions;
}

/**
 * Reads and tokenises texts with labels or answers for a model. Throws `data/vocabulary-mismatch`, `sdk/unknown-framing`,
 * `sdk/no-padding`, `sdk/nothing-known` and what `@ligo/data` throws.
 */
export async function loadFramedTexts<Texts, Read extends Texts & ReadTexts>(
  spec: ModelSpec,
  options: TaskOptions,
  kind: FramedTextKind<Texts, Read>,
): Promise<FramedTexts<Texts, Read>> {
  const { batch, data, evalData, heldOut, seed, sequence } = options;
  const tokenizer = await openTokenizer(options, { requireMask: false });
  const read = async (patterns: readonly string[]): Promise<Read> => {
    const texts = await kind.read(patterns, tokenizer);
    warnOfFiles(texts.leftOut, options);
    warnOfRows(texts.badRows, options);
    checkKnown(tokensOf(texts, kind), tokenizer, patterns);
    return texts;
  };
  const all = await read(data);
  const apart = evalData === undefined ? undefined : await read(evalData);
  const { train, heldOut: judged } =
    apart !== undefined || heldOut === "all"
      ? { train: all, heldOut: apart ?? all }
      : kind.split(all, { heldOut, seed });
  const rows = {
    batch,
    sequence,
    framing: framingOf(tokenizer),
    pad: padId(spec, tokenizer),
    vocabularySize: vocabularySize(spec.layout),
  };
  return { tokenizer, all, apart, train, judged, rows };
}

function* tokensOf<Texts, Read extends Texts & ReadTexts>(
  texts: Read,
  kind: FramedTextKind<Texts, Read>,
): Generator<Int32Array, void, undefined> {
  for (let example = 0; example < texts.count; example++) yield* kind.tokens(texts, example);
}

/** Batches of framed texts, and what they hold beside these. */
export interface FramedBatches {
  readonly train: { readonly stepsPerEpoch: number; at(step: number): object };
  readonly judged: { readonly count: number; at(index: number): object };
  /** Texts or questions that are judged by. */
  readonly heldOut: DataAmount;
  /** Texts of a row: 1, or 2 of a pair. */
  readonly width: 1 | 2;
  readonly labels: TensorSpecs;
  /** What only batches to judge by hold. */
  readonly judgedLabels?: TensorSpecs;
}

/** What every task on framed texts says of itself. */
export function describeFramedTexts(
  spec: ModelSpec,
  { all, apart, rows, tokenizer }: FramedTexts<unknown, ReadTexts>,
  { heldOut, judged, judgedLabels, labels, train, width }: FramedBatches,
): Pick<
  Task,
  | "specs"
  | "judgedSpecs"
  | "unit"
  | "unitsPerBatch"
  | "batchesPerEpoch"
  | "cost"
  | "batch"
  | "heldOut"
  | "judgedBatches"
  | "fingerprint"
  | "files"
> {
  const { batch, framing, sequence } = rows;
  const tokens = { shape: [batch, sequence], dtype: "int32" } as const;
  const specs: TensorSpecs = {
    input_ids: tokens,
    attention_mask: tokens,
    ...(hasTypes(spec, framing, width) ? { token_type_ids: tokens } : {}),
    ...labels,
  };
  const judgedSpecs: TensorSpecs = { ...specs, ...judgedLabels };
  return {
    specs,
    judgedSpecs,
    unit: "tokens",
    unitsPerBatch: batch * sequence,
    batchesPerEpoch: train.stepsPerEpoch,
    cost: { tokens: batch * sequence, sequence, labelledFraction: 1 },
    batch: async (step) => pickFeeds(train.at(step), specs),
    heldOut,
    // all of them, whatever the limit: scores such as F1 are of a whole set, and an answer is chosen among all windows
    judgedBatches: () => ({
      count: judged.count,
      judged: judgedAmount(heldOut),
      at: async (index) => pickFeeds(judged.at(index), judgedSpecs),
    }),
    fingerprint: () =>
      labelledTextFingerprint(
        sequence,
        [all, apart].flatMap((one) => (one === undefined ? [] : [one.sha256])),
        tokenizer.files,
      ),
    files: tokenizerFiles(tokenizer),
  };
}

/** What a tokenizer puts around texts. Throws `sdk/unknown-framing`. */
function framingOf({ files, framing }: TextTokenizer): Framing {
  if (framing !== undefined) return framing;
  throw new UsageError(
    "sdk/unknown-framing",
    `The post-processor of ${files[0] ?? "the tokenizer"} is of a kind that LiGO does not know, so texts cannot be framed.`,
    {
      file: files[0],
      expected: "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel",
    },
  );
}

/** The id of padding, which some models know by their config. Throws `sdk/no-padding`. */
function padId({ config, file }: ModelSpec, { special }: TextTokenizer): number {
  const { pad_token_id: known } = config;
  const pad = typeof known === "number" ? known : special.pad;
  if (pad !== undefined) return pad;
  throw new UsageError(
    "sdk/no-padding",
    `${file} has no pad_token_id and the tokenizer no padding token, so texts cannot be brought to one length. Set pad_token_id.`,
    { file, expected: "pad_token_id" },
  );
}

/** Whether a model has token types that the framing of its texts makes use of. */
function hasTypes({ layout }: ModelSpec, framing: Framing, width: 1 | 2): boolean {
  const parts = width === 2 ? framing.pair : framing.single;
  const largest = Math.max(0, ...parts.map(({ type }) => type));
  return largest > 0 && largest < (layout.spaces["type"]?.size ?? 0);
}
